import { expect, test } from 'vitest'
import type { Failure } from '../../../../shared/errors'
import { createLocalNetwork } from '../../../../worker/link/local-network'

type Status = { state: PermissionState; onchange: (() => void) | null }
type Name = 'local-network' | 'loopback-network'

/** A site, and what the user has permitted. */
async function setUp(here: string, states: Partial<Record<Name, PermissionState>>) {
  const statuses: Partial<Record<string, Status>> = Object.fromEntries(
    Object.entries(states).map(([name, state]) => [name, { state, onchange: null }]),
  )
  const reports: Failure[] = []
  let grants = 0
  const localNetwork = createLocalNetwork({
    here,
    permissions: {
      async query({ name }) {
        const status = statuses[name]
        if (!status) throw new TypeError('unknown permission')
        return status as unknown as PermissionStatus
      },
    },
    granted: () => {
      grants += 1
    },
    report: (failure) => reports.push(failure),
  })
  await new Promise(setImmediate)
  return {
    reports,
    grants: () => grants,
    reason: (address: string) => localNetwork.obstacle(() => address)?.reason,
    message: (address: string) => localNetwork.obstacle(() => address)?.message ?? '',
    localNetwork,
    answer(name: Name, state: PermissionState) {
      Object.assign(statuses[name] ?? {}, { state })
      statuses[name]?.onchange?.()
    },
  }
}

const ASKED = { 'local-network': 'prompt', 'loopback-network': 'prompt' } as const

for (const [server, permission] of [
  ['ws://127.0.0.1:3000/ws', 'loopback-network'],
  ['http://localhost:3000', 'loopback-network'],
  ['http://board.localhost/', 'loopback-network'],
  ['http://[::1]:3000', 'loopback-network'],
  ['ws://192.168.1.5/', 'local-network'],
  ['ws://10.0.0.1/', 'local-network'],
  ['ws://172.31.0.1/', 'local-network'],
  ['ws://169.254.3.4/', 'local-network'],
  ['ws://100.127.0.1/', 'local-network'],
  ['ws://[fd00::1]/', 'local-network'],
  ['ws://[fe80::1]/', 'local-network'],
  ['http://printer.local/', 'local-network'],
  ['https://plant.internal/', 'local-network'],
  ['http://nas/', 'local-network'],
] as const)
  test(`a public site connects to ${server}, which the user has not permitted - the error names the permission`, async () => {
    const { message, reason } = await setUp('https://app.example/worker.js', ASKED)
    expect(reason(server)).toBe('local-network')
    expect(message(server)).toContain(
      `"${new URL(server).origin}" cannot be reached. The browser may block it: this site's permission "${permission}" is "prompt".`,
    )
  })

for (const server of [
  'https://api.example/',
  'https://10.example.com/',
  'https://local.example/',
  'ws://172.32.0.1/',
  'ws://11.0.0.1/',
  'ws://100.128.0.1/',
  'https://127.example.com/',
  'ws://[2001:db8::1]/',
  '/socket',
  'not an address',
])
  test(`a public site connects to ${server} - nothing is said of the local network`, async () => {
    const { reason } = await setUp('https://app.example/worker.js', ASKED)
    expect(reason(server)).toBeUndefined()
  })

test('a site connects to addresses as near as its own - they need no permission', async () => {
  const atHome = await setUp('http://localhost:5173/worker.js', ASKED)
  expect(['http://localhost:3000', 'http://192.168.1.5'].map(atHome.reason)).toEqual([undefined, undefined])
  const nearby = await setUp('http://192.168.1.4/worker.js', ASKED)
  expect(nearby.reason('http://192.168.1.5')).toBeUndefined()
  expect(nearby.reason('http://localhost:3000')).toBe('local-network')
})

test('the browser does not know the permission - nothing is said of it', async () => {
  const { reason } = await setUp('https://app.example/worker.js', {})
  expect(reason('http://localhost:3000')).toBeUndefined()
})

test('the address cannot be made - nothing is said of the local network', async () => {
  const { localNetwork } = await setUp('https://app.example/worker.js', ASKED)
  const broken = () => {
    throw new Error('no address')
  }
  expect(localNetwork.obstacle(broken)).toBeUndefined()
})

test('the user denies it, then permits it - each state is reported once, and the permission leads to a try', async () => {
  const { answer, grants, message, reason, reports } = await setUp('https://app.example/worker.js', ASKED)
  const server = 'ws://127.0.0.1:3000'
  for (let tries = 0; tries < 3; tries += 1) expect(message(server)).toContain('by fetch()')
  expect(reports).toHaveLength(1)
  answer('loopback-network', 'denied')
  for (let tries = 0; tries < 3; tries += 1)
    expect(message(server)).toContain(
      "Only the user can change that, in the browser's settings for this site",
    )
  expect(reports.map(({ message }) => /is "(\w+)"/.exec(message)?.[1])).toEqual(['prompt', 'denied'])
  expect(grants()).toBe(0)
  answer('loopback-network', 'granted')
  expect(grants()).toBe(1)
  expect(reason(server)).toBeUndefined()
})
