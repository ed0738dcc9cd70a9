/** The message that pages of a chaos run send. */
export const MARK = 'mark'

/** What the server does with a message. `never`: it answers nothing, except where a kept message comes again. */
export const MANNERS = ['answer', 'refuse', 'late', 'never'] as const
export type Manner = (typeof MANNERS)[number]

/** Its payload. A kept message has this id, too. */
export interface Mark {
  readonly id: string
  readonly manner: Manner
  readonly isKept: boolean
}

/** The room whose events one tab handles; in all tabs. */
export const ALARMS = 'alarms'

interface Said {
  /** The page that noted it, and the tab, which has the same name after a reload. */
  readonly page: string
  readonly tab: string
  /** When, in ms since 1970. Not by `Date.now()`, which faults set back. */
  readonly at: number
  /** Its place among the page's notes. */
  readonly place: number
}

/** What a page notes about its messages and its alarms. */
export type Note = Said &
  (
    | { readonly what: 'sent' | 'keeping' | 'kept' | 'overdue'; readonly id: string }
    /** A promise has settled. `reason` is absent where the server has answered. */
    | {
        readonly what: 'settled'
        readonly id: string
        readonly reason?: string
        readonly message?: string
        readonly answer?: unknown
      }
    /** The line has told what became of a kept message. */
    | { readonly what: 'outcome'; readonly id: string; readonly outcome: string }
    /** A listener has handled an alarm. `received`: the event's time. */
    | { readonly what: 'handled'; readonly n: number; readonly received: number }
    | { readonly what: 'gap'; readonly from: number; readonly to: number }
    | { readonly what: 'lead'; readonly leads: boolean }
    /** Whether the page's worker serves beside the one that serves the other tabs. */
    | { readonly what: 'alone'; readonly isAlone: boolean }
  )

/** `Omit` on each member of the union. */
type Unsigned<T> = T extends Said ? Omit<T, keyof Said> : never
export type NewNote = Unsigned<Note>

/** The first word of a note's key in `localStorage`. */
export const NOTE = 'note'

/** How often a page looks whether its worker serves alone, in ms. */
export const LOOK = 500
