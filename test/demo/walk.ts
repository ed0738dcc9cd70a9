import { memory, processTree } from '../../bench/processes'
import { GROUPS } from '../../demo/page/faults/catalogue'
import type { Fault } from '../../demo/page/faults/fault'
import { launchBrowser, openTab, startDemo, watchConsole } from './demo'

/**
 * `npm run demo:walk -- --minutes N`: presses every button of the fault panel, round after round; those that reload the
 * page in the first round alone. It fails where a promise was not kept, a page was reloaded without an order, the console
 * complained, or memory grew.
 */

const at = process.argv.indexOf('--minutes')
const minutes = at < 0 ? 10 : Number(process.argv[at + 1])
if (!(minutes > 0)) {
  console.error('--minutes takes a number above 0.')
  process.exit(1)
}

const RELOADING = ['deploy', 'reload']
/** What a page's heap may grow by, over all rounds after the first, in MB. */
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

async function heap(): Promise<number> {
  const session = await context.newCDPSession(tab.page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize / 1e6
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
const servers: number[] = []
const end = Date.now() + minutes * 60_000
for (let round = 1; Date.now() < end; round += 1) {
  console.log(`Round ${round}`)
  for (const fault of faults) {
    if (Date.now() >= end) break
    // From the second round on memory is that of one page's life.
    if (round > 1 && RELOADING.includes(fault.id)) continue
    await press(fault).catch((error: Error) => fail(`${fault.label}: ${error.message.split('\n')[0]}`))
  }
  sizes.push(await heap())
  servers.push(memory(processTree(demo.pid)) / 1e6)
  console.log(
    `  the page's heap ${sizes.at(-1)?.toFixed(1)} MB, the demo's processes ${servers.at(-1)?.toFixed(0)} MB`,
  )
}

// The first round fills what is bounded.
const [settled = 0, ...later] = sizes.length > 2 ? sizes.slice(1) : sizes
const grown = (later.at(-1) ?? settled) - settled
if (grown > GROWTH) fail(`the page's heap grew by ${grown.toFixed(1)} MB in ${later.length} rounds`)
for (const what of new Set(said)) fail(`the console said: ${what}`)
await browser.close()
const code = await demo.stop()
if (code !== 0) fail(`the demo ended with code ${code}`)

console.log(
  failures.length === 0
    ? `Every promise kept for ${minutes} minutes, ${sizes.length} rounds; the page's heap grew by ${grown.toFixed(1)} MB.`
    : `${failures.length} failures:\n${failures.map((each) => `  ${each}`).join('\n')}`,
)
process.exitCode = failures.length === 0 ? 0 : 1
