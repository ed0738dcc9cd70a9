import { memory, processTree } from '../../bench/processes'
import { groupsFor } from '../../demo/page/faults/catalogue'
import type { Fault } from '../../demo/page/faults/fault'
import type { Kind } from '../../demo/server/counts'
import { pageHeap, sharedWorkers, workerHeap } from '../support/debugger'
import { launchBrowser, openTab, startDemo, watchConsole } from './demo'

/**
 * `npm run demo:walk -- --minutes N [--websocket]`: presses every button of the fault panel, in rounds. Faults that reload the page run
 * only in the first round; faults that end the worker run in the first round and in the second half of the time. It fails if a
 * fault has not the expected results, a page reloads without an order, a console shows a warning or an error, or memory grows.
 */

const at = process.argv.indexOf('--minutes')
const minutes = at < 0 ? 10 : Number(process.argv[at + 1])
if (!(minutes > 0)) {
  console.error(`--minutes is "${process.argv[at + 1]}"; it must be a number above 0.`)
  process.exit(1)
}

const RELOADING = ['deploy', 'reload']
const ENDING = ['kill-worker', 'hang-worker']
/** How much the heap of a page or a worker may grow after its first round, in MB. */
const GROWTH = 3

const kind: Kind = process.argv.includes('--websocket') ? 'websocket' : 'socketIo'
const query = kind === 'websocket' ? '?websocket' : ''
const faults = groupsFor(kind).flatMap((group) => group.faults)
const failures: string[] = []
const fail = (what: string) => {
  failures.push(what)
  console.log(`  ✗ ${what}`)
}

const demo = await startDemo()
const browser = await launchBrowser()
const context = await browser.newContext()
const messages = watchConsole(context)
const tab = await openTab(context, `${demo.url}/${query}#overview`)
const other = await openTab(context, `${demo.url}/${query}#errors`)
await Promise.all([tab.says('online'), other.says('online')])

let isOrdered = false
for (const { page } of [tab, other])
  page.on('load', () => isOrdered || fail(`${page.url()} was reloaded without an order`))

/** By how much the size has grown. The first round does not count: it fills caches and logs up to their limits. */
function growth(sizes: readonly number[]): number {
  const [settled = 0, ...later] = sizes.length > 2 ? sizes.slice(1) : sizes
  return (later.at(-1) ?? settled) - settled
}

async function press({ id, label, within }: Fault) {
  isOrdered = RELOADING.includes(id)
  // The tabs reload at different times: wait for both.
  const reloaded =
    isOrdered &&
    other.page
      .waitForEvent('load', { timeout: 60_000 })
      .catch(() => fail(`${label}: the other tab was not reloaded`))
  const begun = Date.now()
  await tab.press(label)
  if (id === 'unauthorize') {
    await tab.fault(label).locator('li[data-passed="true"]').nth(1).waitFor({ timeout: 60_000 })
    await tab.press('Retry now')
  }
  const text = await tab.verdict(label, (within + 90) * 1000)
  const hasPassed = (await tab.fault(label).getAttribute('data-verdict')) === 'passed'
  if (!hasPassed) fail(`${label}: ${text.replaceAll('\n', ' · ')}`)
  if (id === 'open' || id === 'duplicate') for (const page of context.pages().slice(2)) await page.close()
  if (id !== 'disconnect') await Promise.all([tab.says('online', 30_000), other.says('online', 30_000)])
  await reloaded
  console.log(`  ${hasPassed ? '✓' : '✗'} ${label}, ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

const sizes: number[] = []
/** The heap sizes of each worker at the end of its rounds. */
const workers = new Map<string, number[]>()
const halfTime = Date.now() + minutes * 30_000
const end = Date.now() + minutes * 60_000
for (let round = 1; Date.now() < end; round += 1) {
  console.log(`Round ${round}`)
  for (const fault of faults) {
    if (Date.now() >= end) break
    // From the second round on, memory is measured without reloads of the page.
    if (round > 1 && RELOADING.includes(fault.id)) continue
    // And, in the first half of the time, without ends of the worker.
    if (round > 1 && ENDING.includes(fault.id) && Date.now() < halfTime) continue
    await press(fault).catch((error: Error) => fail(`${fault.label}: ${error.message.split('\n')[0]}`))
  }
  const page = (await pageHeap(tab.page)) / 1e6
  sizes.push(page)
  const sizesText = [`the page's heap ${page.toFixed(1)} MB`]
  // If there are two, one of them hangs and does not answer.
  const [only, another] = await sharedWorkers(browser)
  if (only && !another) {
    const { targetId } = only
    const worker = (await workerHeap(browser, targetId)) / 1e6
    workers.set(targetId, [...(workers.get(targetId) ?? []), worker])
    sizesText.push(`the worker's ${worker.toFixed(1)} MB`)
  }
  sizesText.push(`the demo's processes ${(memory(processTree(demo.pid)) / 1e6).toFixed(0)} MB`)
  console.log(`  ${sizesText.join(', ')}`)
}

const grown = growth(sizes)
const workerGrown = Math.max(0, ...[...workers.values()].map(growth))
for (const [whose, by] of [
  ['page', grown],
  ['worker', workerGrown],
] as const)
  if (by > GROWTH) fail(`the ${whose}'s heap grew by ${by.toFixed(1)} MB`)
for (const what of new Set(messages)) fail(`the console shows: ${what}`)
await browser.close()
const code = await demo.stop()
if (code !== 0) fail(`the demo ended with code ${code}`)

console.log(
  failures.length === 0
    ? `Every fault had the expected results for ${minutes} minutes, ${sizes.length} rounds; the page's heap grew by ${grown.toFixed(1)} MB, a worker's by ${workerGrown.toFixed(1)}.`
    : `${failures.length} failures:\n${failures.map((each) => `  ${each}`).join('\n')}`,
)
process.exitCode = failures.length === 0 ? 0 : 1
