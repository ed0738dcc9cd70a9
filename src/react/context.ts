import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'
import { type Line, PartylineError } from '../index'
import type { AnyServed } from '../protocol'

/** `null` where there is no provider; `undefined` where there is no line yet, as on a server. */
const LineContext = createContext<unknown>(null)

/** What `LineProvider` takes. */
export interface LineProviderProps<S extends AnyServed> {
  /** The line for everything below; `undefined` on a server, or until somebody has signed in. */
  readonly line: Line<S> | undefined
  readonly children?: ReactNode
}

/**
 * Hands a line to all components below, which get it with `useLine`. It neither connects nor closes: the line is
 * as alive before the first render as it is after the last.
 */
export const LineProvider = <S extends AnyServed>({ line, children }: LineProviderProps<S>): ReactElement =>
  createElement(LineContext.Provider, { value: line }, children)

/**
 * The line of the nearest `LineProvider`. A context knows no types, so name the dashboard's: `useLine<Dashboard>()`.
 *
 * Throws `bad-argument` where there is no provider.
 */
export function useLine<S extends AnyServed = AnyServed>(): Line<S> | undefined {
  const line = useContext(LineContext)
  if (line === null) {
    throw new PartylineError('bad-argument', 'useLine: there is no LineProvider above this component.')
  }
  return line as Line<S> | undefined
}
