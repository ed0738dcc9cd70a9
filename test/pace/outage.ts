import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCableServer } from '../support/cable-server'
import { createTestServer } from '../support/server'
import { createStreamServer } from '../support/stream-server'
import { createWebSocketServer } from '../support/websocket-server'
import type { Engine } from './engines'
import { type Files, openFront } from './front'
import type { Absence, Attempt, LinkKind, Origin, Settings, Turn } from './settings'

/** One kind of link, at one origin, whose server is away in one way. */
export interface Case {
  readonly link: LinkKind
  readonly origin: Origin
  readonly absence: Absence
}

export interface Outcome extends Case {
  /** The seconds from the server's return until all rooms were live; `undefined` where they were not. */
  readonly back: number | undefined
  /** How many requests and WebSockets were tried while the server was away. */
  readonly requests: number
  readonly websockets: number
}

/** How long a link may take to be back, in ms. */
const PATIENCE = 120_000
/** How long a page may take to be live at first, in ms: all of them load at once, perhaps on a busy machine. */
const START = 300_000
/** How many attempts may be under way while the worker's own count and that of the proxy are compared. */
const SLACK = 3

const SERVERS: Readonly<Record<LinkKind, () => { start(): Promise<string>; stop(): Promise<void> }>> = {
  'socket-io': () => createTestServer({ anyOrigin: true }),
  websocket: () => createWebSocketServer({}),
  endpoints: () => createWebSocketServer({}),
  'action-cable': () => createCableServer({}),
  sse: () => createStreamServer({ comments: 1000 }),
}

/** Hears what page and worker report. */
async function openReports(host: string) {
  const counts = { http: 0, websocket: 0 }
  let turn: Turn = 'down'
  let turned = (_: Turn) => {}
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => {
      body += piece
    })
    request.on('end', () => {
      response.writeHead(204).end()
      const what = body as Attempt | Turn
      if (what === 'http' || what === 'websocket') counts[what] += 1
      else {
        turn = what
        turned(what)
      }
    })
  })
  await new Promise<void>((resolve) => http.listen(0, host, resolve))
  return {
    url: `http://${host}:${(http.address() as AddressInfo).port}/`,
    counts,
    /** Resolves to whether the page has reported this within `patience` ms. */
    until: (wanted: Turn, patience: number) =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(resolve, patience, false)
        turned = (now) => {
          if (now !== wanted) return
          clearTimeout(timer)
          resolve(true)
        }
        turned(turn)
      }),
    close() {
      http.close()
      http.closeAllConnections()
    },
  }
}

/**
 * Opens a page whose server then goes away for `away` ms, and measures how long the page takes to be back.
 * @param host The address of its own that the case has: browsers delay WebSockets by address.
 */
export async function measure(
  engine: Engine,
  which: Case,
  { host, away, files }: { readonly host: string; readonly away: number; readonly files: Files },
): Promise<Outcome> {
  const server = SERVERS[which.link]()
  const { port } = new URL(await server.start())
  const behind = { port: Number(port), isReadable: which.origin !== 'unreadable' }
  const front = await openFront(host, files, behind)
  const site = which.origin === 'same' ? front : await openFront(host, files)
  const reports = await openReports(host)
  const settings: Settings = { link: which.link, server: front.origin, report: reports.url }
  let close = async () => {}
  try {
    close = await engine.open(
      `${site.origin}/page.html?settings=${encodeURIComponent(JSON.stringify(settings))}`,
    )
    if (!(await reports.until('live', START)))
      throw new Error(`${JSON.stringify(which)}: not live after ${START / 1000} s.`)
    await front.leave(which.absence)
    await reports.until('down', PATIENCE)
    const before = { ...reports.counts }
    await new Promise((done) => setTimeout(done, away))
    const requests = reports.counts.http - before.http
    const websockets = reports.counts.websocket - before.websocket
    const counted = requests + websockets
    if (which.absence === '502' && Math.abs(front.turnedAway() - counted) > SLACK)
      throw new Error(`${JSON.stringify(which)}: ${counted} attempts, and ${front.turnedAway()} arrived.`)
    const returned = performance.now()
    await front.back()
    const isBack = await reports.until('live', PATIENCE)
    const back = isBack ? (performance.now() - returned) / 1000 : undefined
    return { ...which, back, requests, websockets }
  } finally {
    await close()
    reports.close()
    await front.leave('refused')
    if (site !== front) await site.leave('refused')
    await server.stop()
  }
}
