import { serve } from 'partyline/worker/action-cable'
import { common, sends, sendTo, server } from './settings'

/** The worker file for Action Cable. */
serve({
  ...common,
  sends,
  sendTo,
  url: `${server}/cable`,
  identifier: (room) => ({ channel: 'RoomChannel', room }),
})
