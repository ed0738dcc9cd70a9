import { expect } from 'vitest'
import { openTab } from './demo'
import { test } from './setup'

const figure = (name: string) => `[data-figure="${name}"]`

test('side by side: a socket for each tab, and one with Partyline', async ({ demo, context }) => {
  const { page } = await openTab(context, `${demo.url}/?compare`)
  const shown = async (name: string) => Number(await page.locator(figure(name)).innerText())
  await expect.poll(() => shown('perTab sockets')).toBe(4)
  await expect.poll(() => shown('partyline sockets')).toBe(1)
  await page.getByRole('button', { name: 'Add a tab' }).click()
  await page.getByRole('button', { name: 'Add a tab' }).click()
  await expect.poll(() => shown('perTab sockets')).toBe(6)
  const { partyline, perTab } = await demo.counts()
  expect(partyline).toMatchObject({ sockets: 1, handshakes: 1, joins: 2 })
  expect(perTab).toMatchObject({ sockets: 6, handshakes: 6, joins: 12 })
  await expect
    .poll(async () => {
      const counts = await demo.counts()
      return counts.perTab.bytes / counts.partyline.bytes
    })
    .toBeGreaterThan(3)
  for (const frame of page.frames().slice(1)) await frame.locator('#panel[data-state="live"]').waitFor()
})

test('side by side: expired tokens disconnect Partyline’s tabs for a moment, and the others for ever', async ({
  demo,
  context,
}) => {
  const { page } = await openTab(context, `${demo.url}/?compare`)
  const sockets = async () => {
    const { partyline, perTab } = await demo.counts()
    return [partyline.sockets, perTab.sockets]
  }
  await expect.poll(sockets).toEqual([1, 4])
  const { handshakes } = (await demo.counts()).partyline
  await page.getByRole('button', { name: 'Expire tokens now' }).click()
  await expect
    .poll(async () => (await demo.counts()).partyline)
    .toMatchObject({ sockets: 1, handshakes: handshakes + 1 })
  await expect.poll(async () => (await demo.counts()).perTab.sockets).toBe(0)
  const badges = await Promise.all(
    page
      .frames()
      .slice(1)
      .map((frame) => frame.locator('#badge b').innerText()),
  )
  expect(badges.toSorted()).toEqual([...Array(4).fill('Offline'), ...Array(4).fill('Online')])
})

test('a socket per tab shows the same dashboard, and the link to it keeps the panel', async ({
  demo,
  open,
}) => {
  const before = (await demo.counts()).perTab
  const tab = await open('/#queue')
  await tab.page.getByRole('link', { name: 'A socket per tab' }).click()
  await tab.says('online')
  await tab.shows('live')
  expect(new URL(tab.page.url())).toMatchObject({ search: '?per-tab', hash: '#queue' })
  // What needs a line is not there.
  await tab.page.getByRole('link', { name: 'errors' }).click()
  await tab.panel.getByRole('table', { name: 'Latest errors' }).waitFor()
  expect(await tab.page.getByRole('button', { name: /^(Acknowledge|Bell)/ }).count()).toBe(0)
  expect((await demo.counts()).perTab).toMatchObject({
    sockets: before.sockets + 1,
    handshakes: before.handshakes + 1,
  })
})
