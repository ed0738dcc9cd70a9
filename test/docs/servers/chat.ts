import { acceptChat } from '../examples/chat.ts'
import { FLASK } from './flask.ts'
import { listening } from './listening.ts'
import { type PythonServer, pythonOf, startPython } from './python.ts'

/** The chat servers of docs/sending.md. */
export interface ChatServer extends PythonServer {
  /** The texts of the messages that it has carried out, in order. */
  texts(): Promise<readonly string[]>
}

/** `replies` answers with an event instead of an acknowledgement. */
export type ChatKind = 'node' | 'replies' | 'flask' | 'fastapi'

const FASTAPI = ['fastapi', 'uvicorn'] as const

const withTexts = (server: PythonServer): ChatServer => ({
  ...server,
  texts: async () => (await fetch(`${server.url}/messages`)).json(),
})

const STARTS: Readonly<Record<ChatKind, () => Promise<ChatServer>>> = {
  async node() {
    const { io, url, stop } = await listening()
    const texts: string[] = []
    acceptChat(io, async (text) => texts.push(text))
    return { url, stop, texts: async () => texts }
  },
  async replies() {
    const { io, url, stop } = await listening()
    const texts: string[] = []
    const replies = new Map<string, unknown>()
    const reply = (text: string) =>
      text === ''
        ? { status: 'error', body: 'A message needs a text.' }
        : { status: 'ok', body: { number: texts.push(text) } }
    io.on('connection', (socket) => {
      socket.on('request', ({ ref, body }: { ref: string; body: { text: string } }) => {
        const answer = replies.get(ref) ?? { ref, ...reply(body.text) }
        replies.set(ref, answer)
        socket.emit('reply', answer)
      })
    })
    return { url, stop, texts: async () => texts }
  },
  flask: async () => withTexts(await startPython('./chat_flask.py', FLASK, ':memory:')),
  fastapi: async () => withTexts(await startPython('./chat_fastapi.py', FASTAPI)),
}

export const startChat = (kind: ChatKind): Promise<ChatServer> => STARTS[kind]()

/** The kinds whose programs are on this machine. */
export const chatKinds = (): readonly ChatKind[] => [
  'node',
  'replies',
  ...(pythonOf(FLASK) ? (['flask'] as const) : []),
  ...(pythonOf(FASTAPI) ? (['fastapi'] as const) : []),
]
