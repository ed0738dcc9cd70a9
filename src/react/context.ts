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

/** A context with a line. `null` if there is no provider; `undefined` if there is no line yet, as on a server. */
export type LineContext = Context<unknown>

export const createLineContext = (): LineContext => createContext<unknown>(null)

/** The props of `LineProvider`. */
export interface LineProviderProps<S extends AnyServed> {
  /** The line for all components below; `undefined` on a server, or until the user has signed in. */
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
    throw new PartylineError('bad-argument', 'useLine: no LineProvider above this component. Add one.')
  }
  return line as Line<S> | undefined
}

const SHARED = createLineContext()

/**
 * Provides a line to all components below, which get it with `useLine`. It neither opens nor closes the line: that is the
 * app's task.
 */
export const LineProvider = <S extends AnyServed>(props: LineProviderProps<S>): ReactElement =>
  provideLine(SHARED, props)

/**
 * Returns the line of the nearest `LineProvider`. A context has no types, so name the dashboard's: `useLine<Dashboard>()`,
 * or once with `createHooks`. If it is not named, any string is a panel and payloads are `unknown`.
 *
 * Throws `bad-argument` if there is no provider.
 */
export const useLine = <S extends AnyServed = UntypedServed>(): Line<S> | undefined => useLineOf<S>(SHARED)
