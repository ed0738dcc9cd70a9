import { serve } from 'partyline/worker'
import { common, server } from './settings'

/** The worker file for Socket.IO. */
serve({ ...common, url: server })
