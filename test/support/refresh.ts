import * as refresh from 'react-refresh/runtime'

/** What a bundler's hot reload does for React. It has to be there before React's renderer is. */
refresh.injectIntoGlobalHook(window)

/** Puts a component in the place of an earlier one of that name, as after an edit of its file. */
export function hotReload(name: string, component: unknown): void {
  refresh.register(component, name)
  refresh.performReactRefresh()
}
