/** What a server asks of the process that runs it: to be stopped or killed, and away for a while, or deployed anew. */
export type Order = { readonly type: 'stop' | 'kill'; readonly seconds: number } | { readonly type: 'deploy' }

/** What it tells. */
export type Report =
  | Order
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'in-use' }
  | { readonly type: 'failed'; readonly why: string }

/** What it is started with, as its environment. */
export interface Settings {
  readonly port: number
  readonly version: string
  /** Signs tokens. */
  readonly secret: string
  /** The folder of the built page. */
  readonly site: string
}
