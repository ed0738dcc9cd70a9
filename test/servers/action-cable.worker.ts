import { serve } from 'partyline/worker/action-cable'
import { common, server } from './settings'

/** The worker file for Action Cable. */
serve({ ...common, url: `${server}/cable`, identifier: (room) => ({ channel: 'RoomChannel', room }) })
