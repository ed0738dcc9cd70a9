import type { Line } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import { derived, get } from 'svelte/store'
import { expect, onTestFinished } from 'vitest'
import { createApp, effectScope, h, nextTick, shallowRef } from 'vue'
import type { Dashboard } from '../recipes/dashboard.worker'
import { LineProvider, Load } from '../recipes/hooks'
import { Badge, Cpu, Errors } from '../recipes/react'
import * as svelte from '../recipes/svelte'
import { useLatest as latestRef, useStatus as statusRef } from '../recipes/vue'
import { mount } from '../support/mount'
import { type Bench, test } from '../support/setup'

async function start(bench: Bench) {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  return {
    server,
    line: bench.line() as unknown as Line<Dashboard>,
    rooms: async () => (await server.state()).rooms,
    asked: async () => (await server.state()).connections.flatMap(({ asked }) => asked).toSorted(),
    fail: (message: string) => server.emit('errors', 'row', { room: 'errors', data: { message } }),
    load: (cpu: number) => server.emit('stats', 'stats', { room: 'stats', data: { cpu } }),
  }
}

test('React - the examples of the docs show the events, and the badge shows the connection', async ({
  bench,
}) => {
  const { line, server, rooms, fail, load } = await start(bench)
  const { text } = mount([
    <Cpu key="cpu" line={line} />,
    <Errors key="errors" line={line} />,
    <Badge key="badge" line={line} />,
  ])
  await expect.poll(rooms).toEqual([['activity', 'errors', 'stats']])
  await expect.poll(text).toBe('–online')
  await fail('disk full')
  await fail('out of memory')
  await load(97)
  await expect.poll(text).toBe('97 %disk full\nout of memoryonline')
  await server.stop()
  await expect.poll(text).toMatch(/offline, attempt \d+$/)
  await expect.poll(() => document.querySelector('pre')?.className).toBe('stale')
})

test('React - hooks from createHooks use the line of their provider', async () => {
  const { line, push, setStatus } = createFakeLine<Dashboard>()
  const { text } = mount(
    <LineProvider line={line}>
      <Load />
    </LineProvider>,
  )
  await expect.poll(text).toBe('–')
  await push('overview', { room: 'stats', data: { cpu: 97 } })
  await expect.poll(text).toBe('97 %')
  await setStatus({ state: 'offline' })
  await expect.poll(() => document.querySelector('b.offline')?.textContent).toBe('97 %')
})

test('Vue - two components join each room once, another panel changes the rooms, an unmounted app leaves them', async ({
  bench,
}) => {
  const { line, rooms, asked, fail, load } = await start(bench)
  const panel = shallowRef<'errors' | 'overview'>('errors')
  let renders = 0
  const Panel = {
    setup() {
      const latest = latestRef(line, panel)
      const status = statusRef(line)
      return () => {
        renders += 1
        const event = latest.value
        const data = event?.room === 'errors' ? event.data.message : JSON.stringify(event?.data)
        return h('p', `${status.value.state} ${data}`)
      }
    },
  }
  const container = document.createElement('div')
  const app = createApp(() => [h(Panel), h(Panel)])
  app.mount(container)
  const texts = () => [...container.children].map((each) => each.textContent)
  const both = (text: string) => [text, text]
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await fail('disk full')
  await expect.poll(texts).toEqual(both('online disk full'))
  const before = renders
  panel.value = 'overview'
  await nextTick()
  expect(texts()).toEqual(both('online undefined'))
  await expect.poll(rooms).toEqual([['activity', 'stats']])
  await load(97)
  await expect.poll(texts).toEqual(both('online {"cpu":97}'))
  expect(renders).toBe(before + 4)
  expect(await asked()).toEqual(['join activity', 'join errors', 'join stats', 'leave errors'])
  app.unmount()
  await expect.poll(rooms).toEqual([[]])
})

test('Vue - subscriptions of a scope end with the scope', async ({ bench }) => {
  const { line, rooms, fail } = await start(bench)
  const scope = effectScope()
  onTestFinished(() => scope.stop())
  const latest = scope.run(() => latestRef(line, 'errors'))
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await fail('disk full')
  await expect.poll(() => latest?.value?.data).toEqual({ message: 'disk full' })
  scope.stop()
  await expect.poll(rooms).toEqual([[]])
})

test('Svelte - a store joins with its first subscriber only, and leaves with its last', async ({ bench }) => {
  const { line, server, rooms, asked, fail } = await start(bench)
  const errors = svelte.latest(line, 'errors')
  const status = svelte.status(line)
  const message = derived(errors, (event) => (event?.room === 'errors' ? event.data.message : undefined))
  // The compiler generates such subscriptions for `$errors`, `$message` and `$status` in a component.
  const seen: { errors: unknown[]; message: unknown[]; status: unknown[] } = {
    errors: [],
    message: [],
    status: [],
  }
  const stops = [
    errors.subscribe((event) => seen.errors.push(event?.data)),
    message.subscribe((text) => seen.message.push(text)),
    status.subscribe(({ state }) => seen.status.push(state)),
  ]
  expect(seen.errors).toEqual([undefined])
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await fail('disk full')
  await expect.poll(() => seen.errors).toEqual([undefined, { message: 'disk full' }])
  expect(seen.message).toEqual([undefined, 'disk full'])
  expect(get(message)).toBe('disk full')
  expect(await asked()).toEqual(['join errors', 'join stats'])
  await server.stop()
  await expect.poll(() => seen.status.at(-1)).toBe('offline')
  await server.start()
  await expect.poll(() => seen.status.at(-1)).toBe('online')
  for (const stop of stops) stop()
  await expect.poll(rooms).toEqual([[]])
  // A store that is read again later has the current state of the line.
  expect(get(status)).toBe(line.status)
})
