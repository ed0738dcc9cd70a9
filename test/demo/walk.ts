import { memory, processTree } from '../../bench/processes'
import { GROUPS } from '../../demo/page/faults/catalogue'
import type { Fault } from '../../demo/page/faults/fault'
import { pageHeap, sharedWorkers, workerHeap } from '../support/debugger'
import { launchBrowser, openTab, startDemo, watchConsole } from './demo'

/**
 * `npm run demo:walk -- --minutes N`: presses every button of the fault panel, round after round; those that reload the
 * page in the first round alone, and those that end the worker in the first and from half time on. It fails where a promise
 * was not kept, a page was reloaded without an order, a console complained, or memory grew.
 */

const at = process.argv.indexOf('--minutes')
const minutes = at < 0 ? 10 : Number(process.argv[at + 1])
if (!(minutes > 0)) {
  console.error('--minutes takes a number above 0.')
  process.exit(1)
}

const RELOADING = ['deploy', 'reload']
const ENDING = ['kill-worker', 'hang-worker']
/** What the heap of a page or a worker may grow by, over all rounds of its life after the first, in MB. */
const GROWTH = 3

const faults = GROUPS.flatMap((group) => group.faults)
const failures: string[] = []
const fail = (what: string) => {
  failures.push(what)
  console.log(`  ✗ ${what}`)
}

const demo = await startDemo()
const browser = await launchBrowser()
const context = await browser.newContext()
const said = watchConsole(context)
const tab = await openTab(context, `${demo.url}/#overview`)
const other = await openTab(context, `${demo.url}/#errors`)
await Promise.all([tab.says('online'), other.says('online')])

let isOrdered = false
for (const { page } of [tab, other])
  page.on('load', () => isOrdered || fail(`${page.url()} was reloaded without an order`))

/** The first round fills what is bounded. */
function growth(sizes: readonly number[]): number {
  const [settled = 0, ...later] = sizes.length > 2 ? sizes.slice(1) : sizes
  return (later.at(-1) ?? settled) - settled
}

async function press({ id, label, within }: Fault) {
  isOrdered = RELOADING.includes(id)
  // Each tab chooses its own moment: what was ordered is over when both have been reloaded.
  const reloaded =
    isOrdered &&
    other.page
      .waitForEvent('load', { timeout: 60_000 })
      .catch(() => fail(`${label}: the other tab was not reloaded`))
  const begun = Date.now()
  await tab.press(label)
  if (id === 'unauthorize') {
    await tab.fault(label).locator('li[data-seen="true"]').nth(1).waitFor({ timeout: 60_000 })
    await tab.press('Retry now')
  }
  const words = await tab.verdict(label, (within + 90) * 1000)
  const held = (await tab.fault(label).getAttribute('data-verdict')) === 'held'
  if (!held) fail(`${label}: ${words.replaceAll('\n', ' · ')}`)
  if (id === 'open' || id === 'duplicate') for (const page of context.pages().slice(2)) await page.close()
  if (id !== 'hang-up') await Promise.all([tab.says('online', 30_000), other.says('online', 30_000)])
  await reloaded
  console.log(`  ${held ? '✓' : '✗'} ${label}, ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

const sizes: number[] = []
/** Of each worker that lived to the end of a round. */
const workers = new Map<string, number[]>()
const halfTime = Date.now() + minutes * 30_000
const end = Date.now() + minutes * 60_000
for (let round = 1; Date.now() < end; round += 1) {
  console.log(`Round ${round}`)
  for (const fault of faults) {
    if (Date.now() >= end) break
    // From the second round on memory is that of one page's life.
    if (round > 1 && RELOADING.includes(fault.id)) continue
    // And up to half time that of one worker's.
    if (round > 1 && ENDING.includes(fault.id) && Date.now() < halfTime) continue
    await press(fault).catch((error: Error) => fail(`${fault.label}: ${error.message.split('\n')[0]}`))
  }
  const page = (await pageHeap(tab.page)) / 1e6
  sizes.push(page)
  const told = [`the page's heap ${page.toFixed(1)} MB`]
  // Of two one hangs, and does not answer.
  const [own, another] = await sharedWorkers(browser)
  if (own && !another) {
    const { targetId } = own
    const worker = (await workerHeap(browser, targetId)) / 1e6
    workers.set(targetId, [...(workers.get(targetId) ?? []), worker])
    told.push(`the worker's ${worker.toFixed(1)} MB`)
  }
  told.push(`the demo's processes ${(memory(processTree(demo.pid)) / 1e6).toFixed(0)} MB`)
  console.log(`  ${told.join(', ')}`)
}

const grown = growth(sizes)
const workerGrown = Math.max(0, ...[...workers.values()].map(growth))
for (const [whose, by] of [
  ['page', grown],
  ['worker', workerGrown],
] as const)
  if (by > GROWTH) fail(`the ${whose}'s heap grew by ${by.toFixed(1)} MB`)
for (const what of new Set(said)) fail(`the console said: ${what}`)
await browser.close()
const code = await demo.stop()
if (code !== 0) fail(`the demo ended with code ${code}`)

console.log(
  failures.length === 0
    ? `Every promise kept for ${minutes} minutes, ${sizes.length} rounds; the page's heap grew by ${grown.toFixed(1)} MB, a worker's by ${workerGrown.toFixed(1)}.`
    : `${failures.length} failures:\n${failures.map((each) => `  ${each}`).join('\n')}`,
)
process.exitCode = failures.length === 0 ? 0 : 1
