import type { Snapshot } from '../../shared/snapshot'
import { createTable, type Table } from '../dom/table'
import { formatNumber, shortId } from '../format'

type Tab = Snapshot['tabs'][number]

const presence = ({ here, visible }: Tab) => (here ? (visible ? 'in front' : 'hidden') : 'away')

/** The tabs, and the panels of each. */
export function createTabs(): Pick<Table, 'root'> & { update(snapshot: Snapshot): void } {
  const { root, update } = createTable(
    'Tabs',
    [
      { label: 'Tab', kind: 'name' },
      { label: 'Panels', kind: 'text' },
      { label: 'Waiting', kind: 'number' },
    ],
    'No tabs.',
    'tabs',
  )
  return {
    root,
    update: ({ tabs }) =>
      update(
        tabs.map((tab) => ({
          key: tab.id,
          cells: [
            { text: shortId(tab.id), notes: [presence(tab)], tone: tab.here ? 'good' : 'stale' },
            tab.panels.map(([name, ...params]) => [name, ...params].join(' / ')).join(', ') || 'none',
            formatNumber(tab.waiting),
          ],
        })),
      ),
  }
}
