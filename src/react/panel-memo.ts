import { useState } from 'react'
import type { Line } from '../line/line'

/** A line without the types of a dashboard. */
export type AnyLine = Line | undefined

/** Returns what `create` made for this line and panel. Creates it anew when either changes. Panels are compared by value. */
export function usePanelMemo<Value>(line: AnyLine, panel: unknown, create: () => Value): Value {
  // Untyped code may pass numbers. The line reports that; here the key must only differ from that of the right name.
  const key = JSON.stringify([panel].flat().map((part) => (typeof part === 'string' ? part : [String(part)])))
  const make = () => ({ line, key, value: create() })
  let [memo, setMemo] = useState(make)
  if (memo.line !== line || memo.key !== key) {
    memo = make()
    setMemo(memo)
  }
  return memo.value
}
