import { expect } from 'vitest'
import { openTab } from './demo'
import { test } from './setup'

const figure = (name: string) => `[data-figure="${name}"]`

test('side by side: N sockets the usual way, one with Partyline', async ({ demo, context }) => {
  const { page } = await openTab(context, `${demo.url}/?compare`)
  const shown = async (name: string) => Number(await page.locator(figure(name)).innerText())
  await expect.poll(() => shown('usual sockets')).toBe(4)
  await expect.poll(() => shown('partyline sockets')).toBe(1)
  await page.getByRole('button', { name: 'One tab more' }).click()
  await page.getByRole('button', { name: 'One tab more' }).click()
  await expect.poll(() => shown('usual sockets')).toBe(6)
  const { partyline, usual } = await demo.census()
  expect(partyline).toMatchObject({ sockets: 1, handshakes: 1, joins: 2 })
  expect(usual).toMatchObject({ sockets: 6, handshakes: 6, joins: 12 })
  await expect
    .poll(async () => {
      const census = await demo.census()
      return census.usual.bytes / census.partyline.bytes
    })
    .toBeGreaterThan(3)
  for (const frame of page.frames().slice(1)) await frame.locator('#panel[data-state="live"]').waitFor()
})

test('side by side: expired tokens end the usual tabs for good, and Partyline’s for a moment', async ({
  demo,
  context,
}) => {
  const { page } = await openTab(context, `${demo.url}/?compare`)
  const sockets = async () => {
    const { partyline, usual } = await demo.census()
    return [partyline.sockets, usual.sockets]
  }
  await expect.poll(sockets).toEqual([1, 4])
  const { handshakes } = (await demo.census()).partyline
  await page.getByRole('button', { name: 'Expire tokens now' }).click()
  await expect
    .poll(async () => (await demo.census()).partyline)
    .toMatchObject({ sockets: 1, handshakes: handshakes + 1 })
  await expect.poll(async () => (await demo.census()).usual.sockets).toBe(0)
  const badges = await Promise.all(
    page
      .frames()
      .slice(1)
      .map((frame) => frame.locator('#badge b').innerText()),
  )
  expect(badges.toSorted()).toEqual([
    'Live',
    'Live',
    'Live',
    'Live',
    'Offline',
    'Offline',
    'Offline',
    'Offline',
  ])
})

test('the usual way shows the same dashboard on a socket of its own, and the switch keeps the panel', async ({
  demo,
  open,
}) => {
  const before = (await demo.census()).usual
  const tab = await open('/#queue')
  await tab.page.getByRole('link', { name: 'The usual way' }).click()
  await tab.says('online')
  await tab.shows('live')
  expect(new URL(tab.page.url())).toMatchObject({ search: '?usual', hash: '#queue' })
  expect((await demo.census()).usual).toMatchObject({
    sockets: before.sockets + 1,
    handshakes: before.handshakes + 1,
  })
})
