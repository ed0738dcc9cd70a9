import * as refresh from 'react-refresh/runtime'

/** Does what a bundler's hot reload does for React. Import it before React's renderer. */
refresh.injectIntoGlobalHook(window)

/** Replaces an earlier component of the same name, as after an edit of its file. */
export function hotReload(name: string, component: unknown): void {
  refresh.register(component, name)
  refresh.performReactRefresh()
}
