import {
  type Context,
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
} from 'react'
import type { AnyServed, UntypedServed } from '../../shared/panel-types'
import { type Line, PartylineError } from '../index'

/** Holds a line. `null` where there is no provider; `undefined` where there is no line yet, as on a server. */
export type LineContext = Context<unknown>

export const createLineContext = (): LineContext => createContext<unknown>(null)

/** What `LineProvider` takes. */
export interface LineProviderProps<S extends AnyServed> {
  /** The line for everything below; `undefined` on a server, or until somebody has signed in. */
  readonly line: Line<S> | undefined
  readonly children?: ReactNode
}

export const provideLine = <S extends AnyServed>(
  context: LineContext,
  { line, children }: LineProviderProps<S>,
): ReactElement => createElement(context.Provider, { value: line }, children)

export function useLineOf<S extends AnyServed>(context: LineContext): Line<S> | undefined {
  const line = useContext(context)
  if (line === null) {
    throw new PartylineError('bad-argument', 'useLine: there is no LineProvider above this component.')
  }
  return line as Line<S> | undefined
}

const SHARED = createLineContext()

/**
 * Hands a line to all components below, which get it with `useLine`. It neither connects nor closes: the line is
 * as alive before the first render as it is after the last.
 */
export const LineProvider = <S extends AnyServed>(props: LineProviderProps<S>): ReactElement =>
  provideLine(SHARED, props)

/**
 * The line of the nearest `LineProvider`. A context knows no types, so name the dashboard's: `useLine<Dashboard>()`, or
 * name it once with `createHooks`. Where it is not named, panels are any names and payloads are `unknown`.
 *
 * Throws `bad-argument` where there is no provider.
 */
export const useLine = <S extends AnyServed = UntypedServed>(): Line<S> | undefined => useLineOf<S>(SHARED)
