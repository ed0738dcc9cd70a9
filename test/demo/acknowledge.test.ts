import { expect } from 'vitest'
import type { Kind } from '../../demo/server/counts'
import type { Tab } from './demo'
import { test } from './setup'

/** Errors are acknowledged in one tab, and every tab shows it: online, and without a server. */

const PATHS: Readonly<Record<Kind, string>> = { socketIo: '/#errors', websocket: '/?websocket#errors' }

const WITHOUT_SERVER = 'Acknowledge without a server'

const rowOf = (tab: Tab, trace: string) => tab.panel.getByRole('row').filter({ hasText: trace })

/** The trace of an error near the top of the table. */
const traceIn = (tab: Tab) => tab.panel.locator('tbody tr').nth(1).locator('code').innerText()

const acknowledge = (tab: Tab, trace: string) =>
  rowOf(tab, trace)
    .getByRole('button', { name: /^Acknowledge: / })
    .click()

const says = (tab: Tab, trace: string, text: string) => rowOf(tab, trace).getByText(text).waitFor()

for (const [kind, path] of Object.entries(PATHS) as [Kind, string][])
  test(`an error is acknowledged in one tab: the others show it, and a reload does (${kind})`, async ({
    demo,
    open,
  }) => {
    const [tab, other] = [await open(path), await open(path)]
    await Promise.all([tab.shows('live'), other.shows('live')])
    const before = await demo.counts(kind)
    const trace = await traceIn(tab)
    await acknowledge(tab, trace)
    await Promise.all([says(tab, trace, '✓ in this tab'), says(other, trace, '✓ in another tab')])
    await Promise.all([tab.page.reload(), other.page.reload()])
    await Promise.all([says(tab, trace, '✓ in this tab'), says(other, trace, '✓ in another tab')])
    const after = await demo.counts(kind)
    expect(after).toMatchObject({ acknowledged: before.acknowledged + 1, repeats: before.repeats })
    expect(after.partyline.sockets).toBe(before.partyline.sockets)
  })

for (const [kind, path] of Object.entries(PATHS) as [Kind, string][])
  test(`acknowledge without a server: every tab shows that it waits, and the server gets it once (${kind})`, async ({
    demo,
    open,
  }) => {
    const [tab, other] = [await open(path), await open(path)]
    await Promise.all([tab.shows('live'), other.shows('live')])
    const before = await demo.counts(kind)
    await tab.press(WITHOUT_SERVER, 1)
    const waits = (each: Tab) => each.panel.getByText('waits to be sent')
    await Promise.all([waits(tab).waitFor(), waits(other).waitFor()])
    const trace = await tab.panel
      .getByRole('row')
      .filter({ hasText: 'waits to be sent' })
      .locator('code')
      .innerText()
    for (const each of [tab, other]) expect(await each.badge.innerText()).toMatch(/1 unsent · \S/)
    expect(await tab.verdict(WITHOUT_SERVER)).toMatch(/^As expected/)
    await Promise.all([says(tab, trace, '✓ in this tab'), says(other, trace, '✓ in another tab')])
    for (const each of [tab, other]) {
      expect(await waits(each).count()).toBe(0)
      expect(await each.badge.innerText()).not.toContain('unsent')
    }
    expect(await demo.counts(kind)).toMatchObject({ acknowledged: before.acknowledged + 1, repeats: 0 })
  })

test('the rows stay while somebody points at them, and newer errors come afterwards', async ({ open }) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  await tab.panel.locator('tbody tr').nth(1).hover()
  const trace = await traceIn(tab)
  await tab.panel.getByText('1 newer, held while you point here').waitFor()
  expect(await traceIn(tab)).toBe(trace)
  await tab.page.mouse.move(0, 0)
  await expect.poll(() => traceIn(tab)).not.toBe(trace)
})
