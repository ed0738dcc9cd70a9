import { expect } from 'vitest'
import { FAULT_CHANNEL } from '../../demo/worker/faults'
import { openTab, watchConsole } from './demo'
import { test } from './setup'

test('errors in the worker are shown on the console of each page', async ({ browser, demo }) => {
  const context = await browser.newContext()
  const messages = watchConsole(context)
  const tab = await openTab(context, `${demo.url}/#errors`)
  const other = await openTab(context, `${demo.url}/#queue`)
  await Promise.all([tab.shows('live'), other.shows('live')])
  await tab.page.evaluate((channel) => new BroadcastChannel(channel).postMessage(null), FAULT_CHANNEL)
  const message = expect.stringMatching(/^In the worker: .*TypeError/)
  await expect.poll(() => messages).toEqual([message, message])
  await context.close()
})
