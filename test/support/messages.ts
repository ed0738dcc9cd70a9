/** How a test server answers messages of a name: with this value, or not at all. */
export type Answer = { readonly value: unknown } | 'nothing'

/** A message of a page, as a test server got it. */
export interface GotMessage {
  readonly name: string
  readonly payload: unknown
  /** Its id, where the message has one. */
  readonly id?: string | undefined
  /** Over which of the server's connections it came, counted from 0. */
  readonly connection: number
}

/** Records the messages of pages, and answers as a test says. Without a word of the test, `{ got: payload }` is the answer. */
export function createMessages() {
  const got: GotMessage[] = []
  const answers = new Map<string, Answer>()
  return {
    hear(message: GotMessage, reply: (answer: unknown) => void) {
      got.push(message)
      const answer = answers.get(message.name) ?? { value: { got: message.payload } }
      if (answer !== 'nothing') reply(answer.value)
    },
    /** What a test calls. */
    calls: {
      /** The messages of pages, the oldest first. */
      messages: () => got,
      /** From now on messages of this name are answered so. */
      answer: (name: string, answer: Answer) => void answers.set(name, answer),
    },
  }
}
