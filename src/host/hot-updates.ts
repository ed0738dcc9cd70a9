/** Hot module replacement of webpack, and what is used of it here. */
interface WebpackMeta extends ImportMeta {
  readonly webpackHot?: {
    addStatusHandler(handler: (status: string) => void): void
    removeStatusHandler(handler: (status: string) => void): void
  }
}

/**
 * Calls `updated` each time webpack's dev server has updated this page without a reload, as it does after an edit of the
 * worker's files alone. Vite reloads the page then.
 */
export function onHotUpdate(updated: () => void, signal: AbortSignal): void {
  // webpack builds for production replace this expression alone by `undefined`, not one that reads on from it.
  const hot = (import.meta as WebpackMeta).webpackHot
  if (!hot) return
  const turned = (status: string) => {
    if (status === 'idle') updated()
  }
  hot.addStatusHandler(turned)
  signal.addEventListener('abort', () => hot.removeStatusHandler(turned))
}
