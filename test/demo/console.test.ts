import { expect } from 'vitest'
import { SABOTAGE } from '../../demo/worker/sabotage'
import { openTab, watchConsole } from './demo'
import { test } from './setup'

test('what goes wrong in the worker is heard in each page', async ({ browser, demo }) => {
  const context = await browser.newContext()
  const said = watchConsole(context)
  const tab = await openTab(context, `${demo.url}/#errors`)
  const other = await openTab(context, `${demo.url}/#queue`)
  await Promise.all([tab.shows('live'), other.shows('live')])
  await tab.page.evaluate((channel) => new BroadcastChannel(channel).postMessage(null), SABOTAGE)
  const complaint = expect.stringMatching(/^In the worker: .*TypeError/)
  await expect.poll(() => said).toEqual([complaint, complaint])
  await context.close()
})
