import type { Line } from 'partyline'
import { useGap, usePanelState } from 'partyline/react'
import { useEffect, useReducer, useState } from 'react'
import type { Dashboard } from './dashboard.worker'

interface Row {
  readonly id: string
  readonly message: string
}
type Rows = ReadonlyMap<string, Row>

interface List {
  readonly rows: Rows
  /** Rows that came during a fetch: its answer may have been written before them. */
  readonly late?: Rows
}
type Action =
  | { readonly type: 'asked' }
  | { readonly type: 'answered'; readonly rows: readonly Row[] }
  | { readonly type: 'came'; readonly row: Row }

const NONE: Rows = new Map()

/** Replaces rows of the same id, so that no row is there twice. */
const add = (rows: Rows, more: Iterable<Row>): Rows =>
  new Map([...rows, ...[...more].map((row) => [row.id, row] as const)])

function reduce({ rows, late }: List, action: Action): List {
  switch (action.type) {
    case 'asked':
      return { rows, late: NONE }
    case 'answered':
      return { rows: add(add(NONE, action.rows), late?.values() ?? []) }
    case 'came':
      return { rows: add(rows, [action.row]), ...(late && { late: add(late, [action.row]) }) }
  }
}

/** The rows of `errors`: fetched once, updated by events, and fetched again after a gap. */
export function useErrorRows(line: Line<Dashboard> | undefined): readonly Row[] {
  const [{ rows }, dispatch] = useReducer(reduce, { rows: NONE })
  const [fetches, setFetches] = useState(0)
  const { state } = usePanelState(line, 'errors')
  // A list that is fetched before the rooms are joined lacks the events between its answer and the join.
  if (state === 'live' && fetches === 0) setFetches(1)
  useGap(line, 'errors', () => setFetches((count) => count && count + 1))

  useEffect(
    () =>
      line?.subscribe('errors', ({ room, data, replayed }) => {
        // The answer has the replayed last value already.
        if (room === 'errors' && !replayed) dispatch({ type: 'came', row: data })
      }),
    [line],
  )
  useEffect(() => {
    if (fetches === 0) return
    const leaving = new AbortController()
    const { signal } = leaving
    let retry: ReturnType<typeof setTimeout> | undefined
    async function load() {
      dispatch({ type: 'asked' })
      try {
        const response = await fetch('/api/errors', { signal })
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        const rows: readonly Row[] = await response.json()
        if (!signal.aborted) dispatch({ type: 'answered', rows })
      } catch {
        if (!signal.aborted) retry = setTimeout(load, 5000)
      }
    }
    void load()
    return () => {
      // The answer to this fetch is not needed any more.
      leaving.abort()
      clearTimeout(retry)
    }
  }, [fetches])

  return [...rows.values()]
}

export function ErrorRows({ line }: { readonly line: Line<Dashboard> | undefined }) {
  return useErrorRows(line).map(({ id, message }) => <p key={id}>{message}</p>)
}
