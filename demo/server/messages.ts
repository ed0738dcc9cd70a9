import type { Acknowledgement } from './rooms.ts'

/** A server asks the supervisor to stop or kill it and start it again after `seconds`, or to redeploy it. */
export type RestartRequest =
  | { readonly type: 'stop' | 'kill'; readonly seconds: number }
  | { readonly type: 'deploy' }

/** A message from the server to the supervisor. */
export type ServerMessage =
  | RestartRequest
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'in-use' }
  | { readonly type: 'failed'; readonly reason: string }
  /** An error was acknowledged: the supervisor keeps that for the next server. */
  | { readonly type: 'acknowledged'; readonly acknowledgement: Acknowledgement }

/** The settings of a server, passed in the environment variable `DEMO`. */
export interface ServerSettings {
  readonly port: number
  readonly version: string
  /** The key that signs tokens. */
  readonly secret: string
  /** The folder of the built page. */
  readonly site: string
  /** What was acknowledged at the servers before. */
  readonly acknowledged: readonly Acknowledgement[]
}
