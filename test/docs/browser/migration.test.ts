import { expect, test } from 'vitest'
import type { MovedApp } from './migration'
import { nodeCommands } from './node-commands'

test('the apps in docs/migration.md, moved to Partyline: two tabs share connections, and are back after all were cut', async () => {
  const apps = (await nodeCommands.docsMigration()) as Readonly<Record<string, MovedApp>>
  const row = JSON.stringify({ waiting: 'N', cpu: 'N' }).replaceAll('"N"', 'N')
  const moved = (connections: readonly string[], text = row): MovedApp => ({
    connections,
    connectionsAgain: connections,
    texts: [text, text],
  })
  expect(apps).toEqual({
    hooks: moved(['/api/v1/ws/queue', '/api/v1/ws/system-status'], 'N jobs wait, CPU N %'),
    reconnecting: moved(['/ws']),
    party: moved(['/parties/main/draft-7']),
    cable: moved(['/cable']),
  })
})
