/** The suite that runs in every engine, in plain words: a scenario is what one test file is about. */

export const ENGINES = {
  chromium: 'Chromium',
  firefox: 'Firefox',
  webkit: 'WebKitGTK',
} as const

export type EngineName = keyof typeof ENGINES

/** The folders whose tests run in every engine. */
export const SUITE = ['test/browser', 'test/links', 'test/pages']

export interface Scenario {
  readonly file: string
  readonly name: string
  /** It concerns what engines differ in: processes, locks, workers, storage, networks. `--half` runs these alone. */
  readonly half?: true
}

export const SCENARIOS: readonly Scenario[] = [
  {
    file: 'browser/rooms',
    name: 'Several tabs share one connection, and the server has the rooms they want',
    half: true,
  },
  { file: 'browser/events', name: 'Events and last values reach every tab, once' },
  { file: 'browser/restore', name: 'Reloads, duplicated tabs, a worker that dies or hangs', half: true },
  {
    file: 'pages/lifetimes',
    name: 'Tabs that are closed, crash, are discarded or blocked; plain http',
    half: true,
  },
  { file: 'pages/lost-worker', name: 'A worker that dies or cannot be started', half: true },
  { file: 'pages/host-page', name: 'The page that started the worker is closed', half: true },
  { file: 'browser/recovery', name: 'The session goes on after a reload or a worker’s end', half: true },
  {
    file: 'pages/successor',
    name: 'A worker that closes itself, or that the browser begins anew',
    half: true,
  },
  { file: 'pages/rerun', name: 'A worker that begins anew while something else happens', half: true },
  { file: 'browser/gap', name: 'Missed events are reported as gaps' },
  { file: 'browser/link', name: 'Retries, and connecting and disconnecting by hand' },
  { file: 'browser/watchdog', name: 'Half-open connections, sleep and wake', half: true },
  { file: 'browser/polling', name: 'Networks without WebSocket', half: true },
  { file: 'browser/store', name: 'IndexedDB that is deleted, full, blocked or missing', half: true },
  { file: 'browser/clock', name: 'A clock that is set back' },
  { file: 'pages/deploys', name: 'A deployment, and the newest worker takes over' },
  { file: 'browser/reload', name: 'Reload orders' },
  { file: 'browser/send', name: 'Messages to the server' },
  { file: 'pages/keep', name: 'Messages that are kept until they arrive' },
  { file: 'pages/one-tab', name: 'One tab of many, and the tab that leads', half: true },
  { file: 'pages/lines', name: 'Several lines in a page' },
  { file: 'pages/auth', name: 'Tokens' },
  { file: 'pages/signout', name: 'Sign-out in every tab', half: true },
  { file: 'pages/bfcache', name: 'The back/forward cache', half: true },
  { file: 'pages/sharing', name: 'Tabs that share dedicated workers', half: true },
  { file: 'pages/phone', name: 'Phones: tabs that are frozen and discarded, and a phone that sleeps' },
  { file: 'pages/local-network', name: 'A server on the local network, and a user who has not allowed it' },
  { file: 'browser/errors', name: 'Wrong use, and what the error says' },
  { file: 'browser/dialect', name: 'A dialect that throws' },
  { file: 'browser/schema', name: 'Payloads that do not fit their schema' },
  { file: 'browser/bounds', name: 'Limits: 200 panels, 1,000 tabs, large events' },
  { file: 'browser/heap', name: 'Memory that does not grow' },
  { file: 'browser/comlink', name: 'What a page can call in the worker' },
  { file: 'links/websocket', name: 'Plain WebSocket servers', half: true },
  { file: 'links/endpoints', name: 'An endpoint for each room' },
  { file: 'links/action-cable', name: 'Action Cable' },
  { file: 'links/sse', name: 'Server-sent events', half: true },
  { file: 'links/own-link', name: 'A link of the app’s own' },
].map((scenario) => ({ ...scenario, file: `test/${scenario.file}.test.ts` }) as Scenario)
