import type { PanelRef } from '../../shared/names'
import { isBoolean, isObject, list, number, object, text, tuple } from '../checks'
import type { RoomEvent } from '../delivery/event'
import { isSeenBuilds, isSessionRecord, type SessionRecord } from '../persistence/records'
import type { BuildHistory } from './builds'

/** What a worker hands over to the one that serves after it. It never has a token. */
export interface Inheritance {
  /** The address of the worker's script. */
  readonly address: string
  /** The server that the session is with. */
  readonly url: string
  readonly session: SessionRecord
  /** The tabs, with their panels and the rooms of each. */
  readonly tabs: readonly (readonly [
    tab: string,
    panels: readonly (readonly [PanelRef, readonly string[]])[],
  ])[]
  /** The last values of rooms, the oldest first. */
  readonly values: readonly RoomEvent[]
  /** Whether a tab could be asked for a token. */
  readonly hasTokens: boolean
  /** Whether an app has called `disconnect()`, and not `connect()` since. */
  readonly isPaused: boolean
  readonly builds: BuildHistory
  /** The kept messages, which `Kept` checks. Absent from a worker that keeps none. */
  readonly kept?: unknown
}

const isTexts = list(text())

/** Whether a message of another worker is an inheritance. */
export const isInheritance = object({
  address: text(),
  url: text(),
  session: isSessionRecord,
  tabs: list(tuple(text(), list(tuple(isTexts, isTexts)))),
  values: list(object({ room: text(), name: text(), at: number(), size: number(), body: isObject })),
  hasTokens: isBoolean,
  isPaused: isBoolean,
  builds: object({ seen: isSeenBuilds, returns: list(number()) }),
})
