/** Calls a listener. If it throws, the error is reported as uncaught, and the caller goes on. */
export function callSafely<T>(listener: (argument: T) => void, argument: T): void {
  try {
    listener(argument)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

export interface Emitter<Events> {
  /** Returns an unsubscriber, which may be called twice. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void
  /** Returns false if there are no listeners. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): boolean
}

export function createEmitter<Events>(): Emitter<Events> {
  const listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {}
  return {
    on(name, listener) {
      // A listener added twice is called twice, and each unsubscriber removes one of the two.
      const own: typeof listener = (event) => listener(event)
      const those = listeners[name] ?? new Set()
      listeners[name] = those
      those.add(own)
      return () => void those.delete(own)
    },
    emit(name, event) {
      const those = [...(listeners[name] ?? [])]
      for (const listener of those) callSafely(listener, event)
      return those.length > 0
    },
  }
}
