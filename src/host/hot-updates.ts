/** Hot module replacement of webpack, and what is used of it here. */
interface WebpackMeta extends ImportMeta {
  readonly webpackHot?: {
    addStatusHandler(handler: (status: string) => void): void
  }
}

/**
 * Calls `updated` each time webpack's dev server has updated this page without a reload, as it does after an edit of the
 * worker's files alone. After such an edit, Vite reloads the page. A line that is closed does nothing then.
 */
export function onHotUpdate(updated: () => void): void {
  // webpack's production build replaces exactly `import.meta.webpackHot` by `undefined`, but not `import.meta.webpackHot.addStatusHandler`.
  const hot = (import.meta as WebpackMeta).webpackHot
  hot?.addStatusHandler((status) => {
    if (status === 'idle') updated()
  })
}
