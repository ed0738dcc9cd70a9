import { connect, type Line } from 'partyline'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServerKind } from './commands'
import type { Dashboard } from './dialect.worker'
import { nodeCommands } from './node-commands'

/** Tests each dialect of docs/dialects.md in a real worker with a real server. */

const lines: Line<Dashboard>[] = []
afterEach(async () => {
  for (const line of lines.splice(0)) line.close()
  await nodeCommands.docsServersStop()
})

let count = 0

function lineTo(kind: ServerKind, url: string, token = ''): Line<Dashboard> {
  const query = new URLSearchParams({ kind, url, token })
  const worker = `/test/docs/browser/dialect.worker.ts?worker_file&type=module&${query}`
  count += 1
  const line = connect<Dashboard>(({ name }) => new SharedWorker(worker, { name, type: 'module' }), {
    user: `docs ${Date.now()} ${count}`,
  })
  lines.push(line)
  return line
}

async function open(kind: ServerKind, token?: string) {
  const url = (await nodeCommands.docsServerStart(kind)) as string
  const line = lineTo(kind, url, token)
  const heard: unknown[] = []
  line.on('gap', ({ rooms, cause }) => heard.push({ gap: rooms, cause }))
  const stop = line.subscribe('errors', ({ room, data }) => heard.push({ room, data }))
  await expect.poll(() => line.panel('errors').state).toBe('live')
  return {
    url,
    line,
    heard,
    stop,
    publish: (data: unknown) => nodeCommands.docsServerPublish(url, 'errors', data),
    asked: () => nodeCommands.docsServerAsked(url),
  }
}

const hasFlask = await nodeCommands.docsHasFlask()

describe.for([['channels'], ['errors'], ['phoenix'], ['numbered'], ['flask']] as const)('%s', ([kind]) => {
  test.skipIf(kind === 'flask' && !hasFlask)(
    'rooms are joined, denied and left, and events arrive',
    async () => {
      const { line, heard, stop, publish, asked } = await open(kind, 'good')
      await publish({ n: 1 })
      await publish({ n: 2 })
      await expect.poll(() => heard).toEqual([1, 2].map((n) => ({ room: 'errors', data: { n } })))

      const denials: unknown[] = []
      line.on('denied', ({ room, reason, panels }) => denials.push({ room, reason, panels }))
      line.subscribe('vault', () => {})
      await expect.poll(() => line.panel('vault').state).toBe('denied')
      const reason = kind === 'flask' ? 'forbidden' : 'not for you'
      await expect.poll(() => denials).toEqual([{ room: 'secret', reason, panels: ['vault'] }])

      stop()
      if (kind !== 'flask') await expect.poll(asked).toEqual(['join errors', 'join secret', 'leave errors'])
      await expect.poll(async () => (await line.inspect()).rooms.map(({ room }) => room)).toEqual(['secret'])
      await publish({ n: 3 })
      const { counters } = await line.inspect()
      expect(counters).toMatchObject({ malformed: 0, unrouted: 0, joins: 2, leaves: 1 })
      expect(heard).toHaveLength(2)
    },
  )
})

test('numbered: a repeated event is delivered once, and a missing number causes a gap before the next event', async () => {
  const { line, heard, publish } = await open('numbered')
  await publish({ n: 1 })
  await publish({ n: 2, how: 'twice' })
  await publish({ n: 3, how: 'lost' })
  await publish({ n: 4 })
  await expect
    .poll(() => heard)
    .toEqual([
      { room: 'errors', data: { n: 1 } },
      { room: 'errors', data: { n: 2, how: 'twice' } },
      { gap: ['errors'], cause: 'sequence' },
      { room: 'errors', data: { n: 4 } },
    ])
  expect((await line.inspect()).counters.duplicates).toBe(1)
})

test.skipIf(!hasFlask)('flask: a wrong token makes the line unauthorized', async () => {
  const url = (await nodeCommands.docsServerStart('flask')) as string
  const line = lineTo('flask', url, 'bad')
  await expect.poll(() => line.status.state).toBe('unauthorized')
  expect(line.status.error?.reason).toBe('refused')
})
