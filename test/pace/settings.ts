export const LINKS = ['socket-io', 'websocket', 'endpoints', 'action-cable', 'sse'] as const
/**
 * Where the server is:
 * - `same`: on the page's origin
 * - `another`: on another origin, which lets pages read its answers
 * - `unreadable`: on another origin, which does not
 */
export const ORIGINS = ['same', 'another', 'unreadable'] as const
/**
 * How a server is away:
 * - `refused`: nobody listens at its address
 * - `502`: a proxy in front of it answers everything with 502
 */
export const ABSENCES = ['refused', '502'] as const

export type LinkKind = (typeof LINKS)[number]
export type Origin = (typeof ORIGINS)[number]
export type Absence = (typeof ABSENCES)[number]

/** What a page and its worker read from their addresses. */
export interface Settings {
  readonly link: LinkKind
  /** The server's origin. */
  readonly server: string
  /** Where the page and the worker report what happens. */
  readonly report: string
}

export const readSettings = (): Settings =>
  JSON.parse(new URLSearchParams(location.search).get('settings') ?? '{}')

/** What the worker reports: it has sent a request, or tried to open a WebSocket. */
export type Attempt = 'http' | 'websocket'
/** What the page reports: whether all rooms are joined. */
export type Turn = 'live' | 'down'
