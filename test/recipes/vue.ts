import type { Line, PanelEvent, PanelOf } from 'partyline'
import { type MaybeRefOrGetter, onScopeDispose, shallowRef, toValue, watchEffect } from 'vue'
import type { Dashboard } from './dashboard.worker'

export function useLatest<const Panel extends PanelOf<Dashboard>>(
  line: Line<Dashboard>,
  panel: MaybeRefOrGetter<Panel>,
) {
  const latest = shallowRef<PanelEvent<Dashboard, Panel>>()
  watchEffect((onCleanup) => {
    latest.value = undefined
    onCleanup(line.subscribe(toValue(panel), (event) => (latest.value = event)))
  })
  return latest
}

export function useStatus(line: Line<Dashboard>) {
  const status = shallowRef(line.status)
  onScopeDispose(line.on('status', (next) => (status.value = next)))
  return status
}
