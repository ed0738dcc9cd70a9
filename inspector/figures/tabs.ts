import type { Snapshot } from '../../shared/snapshot'
import { brief, count } from '../dom/format'
import { createTable, type Table } from '../dom/table'

type Tab = Snapshot['tabs'][number]

const presence = ({ here, visible }: Tab) => (here ? (visible ? 'in front' : 'hidden') : 'away')

/** The tabs, and what each watches. */
export function createTabs(): Pick<Table, 'root'> & { update(snapshot: Snapshot): void } {
  const { root, update } = createTable(
    'Tabs',
    [
      { label: 'Tab', kind: 'name' },
      { label: 'Watches', kind: 'text' },
      { label: 'Waiting', kind: 'number' },
    ],
    'No tab is here.',
    'tabs',
  )
  return {
    root,
    update: ({ tabs }) =>
      update(
        tabs.map((tab) => ({
          key: tab.id,
          cells: [
            { text: brief(tab.id), note: presence(tab), tone: tab.here ? 'good' : 'stale' },
            tab.panels.map(([name, ...params]) => [name, ...params].join(' / ')).join(', ') || 'nothing',
            count(tab.waiting),
          ],
        })),
      ),
  }
}
