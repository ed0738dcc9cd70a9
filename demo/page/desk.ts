import type { Rooms } from '../server/rooms.ts'
import { createLog, type Item, type Log } from './log.ts'

type Kind<Room extends keyof Rooms> = Rooms[Room] extends never ? Item : Rooms[Room]

/** The logs of all rooms this page has shown. */
export interface Desk {
  log<Room extends keyof Rooms>(room: Room): Log<Kind<Room>>
  /** Of a room that came over the wire. */
  any(room: string): Log
}

export function createDesk(): Desk {
  const logs = new Map<string, Log>()
  function any(room: string): Log {
    const log = logs.get(room) ?? createLog()
    logs.set(room, log)
    return log
  }
  return { any, log: any as Desk['log'] }
}
