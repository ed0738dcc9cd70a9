import { serve } from 'partyline/worker/sse'
import { common, resumes, server } from './settings'

/** The worker file for server-sent events. */
serve({ ...common, stream: (rooms) => `${server}/events?rooms=${rooms.join()}`, resumes })
