import type { Line } from 'partyline'
import type { Acknowledgement, ErrorRow } from '../server/rooms.ts'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { isReload } from './is-reload.ts'
import type { RoomLogs } from './room-logs.ts'

export interface AcknowledgementsParts {
  readonly line: Line<Dashboard>
  readonly logs: RoomLogs
  readonly onChange: () => void
  /** An error could not be acknowledged, and this is not kept either. */
  readonly onFailed: (reason: string) => void
}

/**
 * How far the acknowledgement of an error is.
 *
 * - `open`: nobody has acknowledged it, as far as this tab knows
 * - `sending`: it is on its way to the server
 * - `waiting`: it is kept, and is sent once the line is online
 * - `mine`, `other`: the server has it, from this tab or from another one
 */
export type Progress = 'open' | 'sending' | 'waiting' | 'mine' | 'other'

const ACKNOWLEDGE = 'errors:acknowledge'
const TAB_KEY = 'partyline-demo/tab'

/** This tab's id, which a reload keeps. */
function tabId(): string {
  const id = (isReload() && sessionStorage.getItem(TAB_KEY)) || crypto.randomUUID()
  sessionStorage.setItem(TAB_KEY, id)
  return id
}

/**
 * Acknowledges errors, from any tab. The worker keeps what it cannot send, and sends it later. Its id is the error's: so an error is
 * acknowledged once, in however many tabs the button is pressed.
 */
export function createAcknowledgements({ line, logs, onChange, onFailed }: AcknowledgementsParts) {
  const tab = tabId()
  const log = logs.of('errors')
  /** The errors for which the button was pressed in this page, until the worker keeps the acknowledgement. */
  const pressed = new Set<string>()
  /** The errors whose acknowledgements the worker keeps, from all tabs. */
  let kept: ReadonlySet<string> = new Set()
  let count: number | undefined

  async function readKept() {
    const unsent = await line.unsent().catch(() => [])
    kept = new Set(unsent.filter(({ name }) => name === ACKNOWLEDGE).map(({ id }) => id))
    onChange()
  }

  line.on('status', (status) => {
    onChange()
    if (status.unsent === count) return
    count = status.unsent
    void readKept()
  })
  line.on('kept', ({ id, outcome, answer }) => {
    const row = log.items.find((item) => item.id === id)
    if (row && outcome === 'acknowledged')
      log.add([{ ...row, revision: 1, acknowledged: answer as Acknowledgement }])
    void readKept()
  })

  return {
    progressOf({ id, acknowledged }: ErrorRow): Progress {
      if (acknowledged) return acknowledged.tab === tab ? 'mine' : 'other'
      if (!pressed.has(id) && !kept.has(id)) return 'open'
      return line.status.state === 'online' ? 'sending' : 'waiting'
    },
    async add({ id }: ErrorRow): Promise<void> {
      pressed.add(id)
      onChange()
      try {
        const payload = { row: id, tab }
        if (line.status.persistent) await line.send(ACKNOWLEDGE, payload, { keep: id })
        // Without a database, nothing can be kept: it is sent now, or not at all.
        else await line.send(ACKNOWLEDGE, payload)
        await readKept()
      } catch (error) {
        onFailed(`not acknowledged: ${error instanceof Error ? error.message : error}`)
      }
      pressed.delete(id)
      onChange()
    },
  }
}

export type Acknowledgements = ReturnType<typeof createAcknowledgements>
