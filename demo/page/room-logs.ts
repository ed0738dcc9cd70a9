import type { Rooms } from '../server/rooms.ts'
import { createLog, type Item, type Log } from './room-log.ts'

type Kind<Room extends keyof Rooms> = Rooms[Room] extends never ? Item : Rooms[Room]

/** The logs of the rooms that this page has shown. */
export interface RoomLogs {
  of<Room extends keyof Rooms>(room: Room): Log<Kind<Room>>
  /** For a room whose name is only known at run time. */
  any(room: string): Log
}

export function createRoomLogs(): RoomLogs {
  const logs = new Map<string, Log>()
  function any(room: string): Log {
    const log = logs.get(room) ?? createLog()
    logs.set(room, log)
    return log
  }
  return { any, of: any as RoomLogs['of'] }
}
