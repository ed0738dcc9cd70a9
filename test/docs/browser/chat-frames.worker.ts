import { serve } from 'partyline/worker/websocket'

/** The worker of a page that chats over a plain WebSocket. Its address has the server. */

const url = new URL(location.href).searchParams.get('url') ?? ''

serve({ url: `${url}/ws`, panels: { chat: ['chat'] }, sends: ['chat:send'] })
