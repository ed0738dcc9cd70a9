import type { Line, PanelEvent, PanelOf } from 'partyline'
import { readable } from 'svelte/store'
import type { Dashboard } from './dashboard.worker'

export const latest = <const Panel extends PanelOf<Dashboard>>(line: Line<Dashboard>, panel: Panel) =>
  readable<PanelEvent<Dashboard, Panel> | undefined>(undefined, (set) => line.subscribe(panel, set))

export const status = (line: Line<Dashboard>) =>
  readable(line.status, (set) => {
    set(line.status)
    return line.on('status', set)
  })
