import { jsonDialect, serve } from 'partyline/worker/websocket'
import { common, resumes, sends, server } from './settings'

/** The worker file for one WebSocket for all rooms. */

interface Numbered {
  readonly n?: number
  readonly recovered?: boolean
}

/** For a server that counts its events, and sends again what was missed. */
const resuming: typeof jsonDialect = {
  ...jsonDialect,
  position: (_, payload) => (payload as Numbered).n,
  resume: (positions) => ({ name: 'resume', payload: { positions } }),
  verdict(payload) {
    const verdict = jsonDialect.verdict(payload)
    return verdict && { ...verdict, recovered: (payload as Numbered).recovered === true }
  },
}

serve({ ...common, sends, url: `${server}/ws`, ...(resumes && { dialect: resuming }) })
