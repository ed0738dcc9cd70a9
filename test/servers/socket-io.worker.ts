import { serve } from 'partyline/worker'
import { common, sends, server } from './settings'

/** The worker file for Socket.IO. */
serve({ ...common, sends, url: server })
