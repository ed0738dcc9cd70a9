import { expect, test } from 'vitest'
import { nodeCommands } from './node-commands'

test.for(['import.meta.env.BASE_URL', 'self.location'] as const)(
  'an app under a sub-path requests socket, version and token there: %s',
  async (way) => {
    expect(await nodeCommands.docsSubPath(way)).toEqual([
      'GET /dashboard/',
      'GET /dashboard/assets/…',
      'GET /dashboard/version.txt',
      'POST /dashboard/api/token',
      'socket / with token good',
    ])
  },
)
