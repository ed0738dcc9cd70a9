import { messageOf } from '../thrown'
import type { Dialect, Message, Route } from './dialect'
import { check, wrong } from './returns'

/** What a message means. */
export type Reading =
  | {
      readonly kind: 'data'
      readonly rooms: readonly string[]
      /** The event's number in each of its rooms, where the dialect has `seq`. */
      readonly numbers?: readonly (number | undefined)[] | undefined
      /** The event's position in each of its rooms, where the dialect can resume. */
      readonly positions?: readonly (string | number | undefined)[] | undefined
      readonly name: string
      readonly data: unknown
    }
  | { readonly kind: 'unrouted' }
  | { readonly kind: 'system' }
  | { readonly kind: 'joined'; readonly room: string; readonly recovered?: boolean }
  | { readonly kind: 'denied'; readonly room: string; readonly reason: string }
  | { readonly kind: 'reload'; readonly order: ReturnType<Dialect['order']> }
  /** The dialect or `route` threw, or returned a wrong type. `rooms` are those that it had named before. */
  | { readonly kind: 'malformed'; readonly why: string; readonly rooms: readonly string[] }

function roomsIn(part: 'room' | 'route', answer: string | readonly string[] | undefined): readonly string[] {
  check(part, answer)
  if (answer === undefined) return []
  return typeof answer === 'string' ? [answer] : [...new Set(answer)]
}

function numberIn(value: unknown): number | undefined {
  check('seq', value)
  return Number.isFinite(value) ? (value as number) : undefined
}

function positionIn(value: unknown): string | number | undefined {
  check('position', value)
  return typeof value === 'string' ? value : numberIn(value)
}

/** Reads a message. Never throws. Fields that the parts of the dialect return beyond their type are left out. */
export function read(
  dialect: Dialect,
  route: Route | undefined,
  { name, payload, room: own }: Message & { readonly room?: string },
  isJoined: (room: string) => boolean,
): Reading {
  let rooms: readonly string[] = []
  try {
    const kind = dialect.kind(name, payload)
    switch (kind) {
      case 'system':
        return { kind }
      case 'joined':
      case 'denied': {
        const verdict = dialect.verdict(payload)
        check('verdict', verdict)
        if (verdict === undefined) return { kind: 'system' }
        const { room, reason = 'denied', recovered } = verdict
        return kind === 'joined' ? { kind, room, ...(recovered && { recovered }) } : { kind, room, reason }
      }
      case 'reload': {
        const order = dialect.order(payload)
        check('order', order)
        const { version, message } = order
        return {
          kind,
          order: { ...(version !== undefined && { version }), ...(message !== undefined && { message }) },
        }
      }
      case 'data': {
        rooms = own !== undefined ? [own] : roomsIn('room', dialect.room(name, payload, isJoined))
        if (rooms.length === 0) rooms = roomsIn('route', route?.(name, payload))
        if (rooms.length === 0) return { kind: 'unrouted' }
        const { seq, position, resume } = dialect
        const numbers = seq && rooms.map((room) => numberIn(seq(name, payload, room)))
        const positions =
          resume && (position ? rooms.map((room) => positionIn(position(name, payload, room))) : numbers)
        const event = dialect.event(name, payload)
        check('event', event)
        return { kind, rooms, numbers, positions, name: event.name, data: event.data }
      }
      default:
        throw wrong('kind')
    }
  } catch (error) {
    return { kind: 'malformed', why: messageOf(error), rooms }
  }
}
