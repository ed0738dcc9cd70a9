import { connect, type Line } from 'partyline'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Chat } from './chat.worker'
import { nodeCommands } from './node-commands'

/** Sends to the servers of docs/sending.md from a real worker. */

const kinds = await nodeCommands.docsChatKinds()

async function startChat(kind: (typeof kinds)[number]): Promise<string> {
  const url = (await nodeCommands.docsChatStart(kind)) as string
  onTestFinished(() => nodeCommands.docsChatStop(url) as Promise<void>)
  return url
}

let count = 0

/** A line of a new user, which has its own worker and database. */
function lineTo(kind: (typeof kinds)[number], url: string): Line<Chat> {
  const file = kind === 'fastapi' ? 'chat-frames' : 'chat'
  const query = new URLSearchParams({ kind, url })
  const worker = `/test/docs/browser/${file}.worker.ts?worker_file&type=module&${query}`
  count += 1
  const line = connect<Chat>(({ name }) => new SharedWorker(worker, { name, type: 'module' }), {
    user: `docs chat ${Date.now()} ${count}`,
  })
  onTestFinished(() => line.close())
  return line
}

const answerOf = (kind: string, number: number) =>
  kind === 'replies' ? expect.objectContaining({ status: 'ok', body: { number } }) : { number }

describe.for(kinds.map((kind) => [kind] as const))('%s', ([kind]) => {
  test('a message is answered, and one that the server refuses rejects with its words', async () => {
    const url = await startChat(kind)
    const line = lineTo(kind, url)
    expect(await line.send('chat:send', { text: 'hello' })).toEqual(answerOf(kind, 1))
    await expect(line.send('chat:send', { text: '' })).rejects.toMatchObject({
      reason: 'refused',
      message: expect.stringContaining('A message needs a text.'),
    })
    expect(await nodeCommands.docsChatTexts(url)).toEqual(['hello'])
  })

  test.skipIf(kind === 'replies')('two messages with one id are carried out once', async () => {
    const url = await startChat(kind)
    const answers: unknown[] = []
    // Two users, so that neither's worker knows of the other's message.
    for (const line of [lineTo(kind, url), lineTo(kind, url)]) {
      line.on('kept', ({ id, outcome, answer }) => answers.push({ id, outcome, answer }))
      expect(await line.send('chat:send', { text: 'once' }, { keep: 'form-7' })).toEqual({ kept: 'form-7' })
    }
    const answer = { id: 'form-7', outcome: 'acknowledged', answer: { number: 1 } }
    await expect.poll(() => answers).toEqual([answer, answer])
    expect(await nodeCommands.docsChatTexts(url)).toEqual(['once'])
  })
})
