import type { Server } from 'socket.io'

type Answer = { readonly number: number } | { readonly error: string }
type Acknowledge = (answer: Answer) => void
/** What follows the payload: a kept message has its id there. */
type Rest = readonly [Acknowledge] | readonly [id: string, Acknowledge]

const DAY = 24 * 3_600_000

/** The answer to each kept message, by its id. In a database, write it in the transaction that carries out the message. */
const answers = new Map<string, Promise<Answer>>()

/** Carries out a message once: a repeat of its id gets the first answer. */
function once(id: string, carryOut: () => Promise<Answer>): Promise<Answer> {
  const before = answers.get(id)
  if (before) return before
  const answer = carryOut()
  answers.set(id, answer)
  // A message that failed is carried out when it comes again.
  answer.catch(() => answers.delete(id))
  setTimeout(() => answers.delete(id), DAY).unref()
  return answer
}

/** Lets pages send `chat:send`. `insert` writes a message to the database, and returns its number. */
export function acceptChat(io: Server, insert: (text: string) => Promise<number>): void {
  io.on('connection', (socket) => {
    socket.on('chat:send', async ({ text }: { text: string }, ...rest: Rest) => {
      const [id, acknowledge] = rest.length === 2 ? rest : [undefined, ...rest]
      if (text === '') return acknowledge({ error: 'A message needs a text.' })
      const carryOut = async () => ({ number: await insert(text) })
      try {
        // Users name their own ids: those of one must not hide messages of another.
        acknowledge(await (id === undefined ? carryOut() : once(`${socket.data.user}/${id}`, carryOut)))
      } catch (error) {
        // There is no answer, so a kept message comes again.
        console.error(error)
      }
    })
  })
}
