import { expect, onTestFinished } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'
import type { Report, TabSettings } from '../support/tab'

/** Each event of a panel for one tab of many, and the tab that leads. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

type Rung = Extract<Report, { readonly n: number }>

/** A server with recovery, and what the tabs report. */
async function setUp(bench: Bench, options: object = {}) {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, ...options })
  const channel = new BroadcastChannel(`one ${bench.id}`)
  onTestFinished(() => channel.close())
  const reports: Report[] = []
  channel.onmessage = ({ data }: MessageEvent<Report>) => void reports.push(data)
  const rung = () => reports.filter((report): report is Rung => 'n' in report)
  return {
    server,
    reports,
    rung,
    /** Who has handled each event, in the order in which they were handled. */
    rang: () => rung().map(({ tab, n }) => `${tab} ${n}`),
    async open(name: string, settings: Partial<TabSettings> = {}) {
      const tab = await bench.page({ name, one: ['errors'], ...settings })
      await isLive(tab)
      return tab
    },
    emit: (from: number, to = from) => server.emitMany('errors', 'row', from, to),
  }
}

const show = (tab: Tab, state: 'visible' | 'hidden') => tab.run(({ show }, to) => show(to), state)

test('three tabs - each event goes to the one in front, else to the one that was last, and last values to none', async ({
  bench,
}) => {
  const { open, emit, rang, rung } = await setUp(bench)
  const a = await open('a')
  const b = await open('b')
  await emit(1)
  await expect.poll(rang).toEqual(['b 1'])
  await open('late', { inBackground: true })
  await show(a, 'visible')
  await emit(2)
  await expect.poll(rang).toEqual(['b 1', 'a 2'])
  await b.run(() => void window.dispatchEvent(new Event('focus')))
  await emit(3)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3'])
  await show(b, 'hidden')
  await emit(4)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3', 'a 4'])
  await show(a, 'hidden')
  await emit(5)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3', 'a 4', 'b 5'])
  await b.close()
  await emit(6)
  await expect.poll(rang).toEqual(['b 1', 'a 2', 'b 3', 'a 4', 'b 5', 'a 6'])
  expect(rung().filter(({ replayed }) => replayed)).toEqual([])
})

test('tabs that listen to lead - the one in front leads, never two at once, also when it closes or unsubscribes', async ({
  bench,
}) => {
  const { open, reports } = await setUp(bench)
  const leads = () =>
    reports.flatMap((report) => ('leads' in report ? [`${report.tab} ${report.leads}`] : []))
  const a = await open('a', { leads: true })
  await expect.poll(leads).toEqual(['a true'])
  const b = await open('b', { leads: true })
  await expect.poll(leads).toEqual(['a true', 'a false', 'b true'])
  reports.splice(0)
  const c = await open('c', { leads: true, inBackground: true })
  await expect.poll(leads).toEqual(['c false'])
  await show(a, 'visible')
  await expect.poll(leads).toEqual(['c false', 'b false', 'a true'])
  reports.splice(0)
  await a.run(({ line }) => line.close())
  await expect.poll(leads).toEqual(['a false', 'b true'])
  reports.splice(0)
  await b.close()
  await expect.poll(leads).toEqual(['b false', 'c true'])
  const heard = c.run(
    ({ line }) =>
      new Promise((resolve) => {
        const stop = line.on('lead', (now) => {
          stop()
          resolve(now)
        })
      }),
  )
  expect(await heard).toBe(true)
})
