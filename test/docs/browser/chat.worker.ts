import { roomDialect, serve } from 'partyline/worker'
import { replyDialect } from '../dialects/replies'

/** The worker of a page that chats over Socket.IO. Its address has the kind of server and the server. */

const query = new URL(location.href).searchParams

const switchboard = serve({
  url: query.get('url') ?? '',
  panels: { chat: ['chat'] },
  sends: {} as { 'chat:send': (payload: { text: string }) => unknown },
  dialect: query.get('kind') === 'replies' ? replyDialect : roomDialect,
})
export type Chat = typeof switchboard
