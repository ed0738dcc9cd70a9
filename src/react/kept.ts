import { useState } from 'react'
import type { Line } from '../line/line'

/** A line without the types of a dashboard. */
export type AnyLine = Line | undefined

/** What was created for this line and this panel, for as long as both stay what they are. Panels are compared by value. */
export function useKept<Thing>(line: AnyLine, panel: unknown, create: () => Thing): Thing {
  // Code without types may name it by numbers. The line tells of that; here it only has to differ from the right name.
  const key = JSON.stringify([panel].flat().map((part) => (typeof part === 'string' ? part : [String(part)])))
  const make = () => ({ line, key, thing: create() })
  let [kept, keep] = useState(make)
  if (kept.line !== line || kept.key !== key) {
    kept = make()
    keep(kept)
  }
  return kept.thing
}
