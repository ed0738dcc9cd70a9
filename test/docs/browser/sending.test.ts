import { connect, type Line } from 'partyline'
import { expect, onTestFinished, test } from 'vitest'
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
async function lineTo(kind: (typeof kinds)[number], url: string): Promise<Line<Chat>> {
  const file = kind === 'fastapi' ? 'chat-frames' : 'chat'
  const query = new URLSearchParams({ kind, url })
  const worker = `/test/docs/browser/${file}.worker.ts?worker_file&type=module&${query}`
  count += 1
  const line = connect<Chat>(({ name }) => new SharedWorker(worker, { name, type: 'module' }), {
    user: `docs chat ${Date.now()} ${count}`,
  })
  onTestFinished(() => line.close())
  await expect.poll(() => line.status.state).toBe('online')
  return line
}

test.for(kinds)('%s: messages are answered, refused, and carried out once', async (kind) => {
  const url = await startChat(kind)
  const line = await lineTo(kind, url)
  expect(await line.send('chat:send', { text: 'hello' })).toEqual({ number: 1 })
  await expect(line.send('chat:send', { text: '' })).rejects.toMatchObject({
    reason: 'refused',
    message: expect.stringContaining('A message needs a text.'),
  })
  expect(await nodeCommands.docsChatTexts(url)).toEqual(['hello'])

  const answers: unknown[] = []
  // Two users, so that neither's worker knows of the other's message.
  for (const each of [line, await lineTo(kind, url)]) {
    each.on('kept', ({ id, outcome, answer }) => answers.push({ id, outcome, answer }))
    expect(await each.send('chat:send', { text: 'once' }, { keep: 'form-7' })).toEqual({ kept: 'form-7' })
  }
  const acknowledged = { id: 'form-7', outcome: 'acknowledged', answer: { number: 2 } }
  await expect.poll(() => answers).toEqual([acknowledged, acknowledged])
  expect(await nodeCommands.docsChatTexts(url)).toEqual(['hello', 'once'])
})
