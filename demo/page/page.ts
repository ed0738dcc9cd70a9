import { type Line, reloader } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { hashOf, IS_EMBEDDED, panelIn, WAY } from './address.ts'
import { createBadge } from './badge.ts'
import { createBell } from './bell.ts'
import { createCountsCard } from './counts-card.ts'
import { createDashboard } from './dashboard.ts'
import { element } from './dom.ts'
import { createFaultSection } from './faults/fault-section.ts'
import { formatCount } from './format.ts'
import { fillGaps } from './gaps.ts'
import { createInspector } from './inspector.ts'
import { connectLine } from './line.ts'
import { createLineEvents, showLineEvents } from './line-events.ts'
import { createRoomLogs } from './room-logs.ts'
import type { Panel, Source } from './source.ts'
import { createJump, createTabs, createTopBar, VERSION } from './top-bar.ts'
import { showWorkerConsole } from './worker-console.ts'

/** The panel in the address, else the panel that this tab showed before. */
async function firstPanel(line: Line<Dashboard> | undefined): Promise<Panel> {
  const named = panelIn(location.hash)
  if (named || !line) return named ?? 'overview'
  const restored = await line.ready.then(() => line.restored).catch(() => [])
  const [shown] = restored.flatMap((panel) => (panel === 'alarms' ? [] : [panel]))
  return panelIn(location.hash) ?? shown ?? 'overview'
}

export async function openPage(into: HTMLElement): Promise<void> {
  if (WAY === 'partyline') showWorkerConsole()
  const line = WAY === 'partyline' ? connectLine() : undefined
  const source: Source = line ?? (await (await import('./per-tab/per-tab.ts')).connectPerTab())
  const logs = createRoomLogs()
  const lineEvents = createLineEvents()
  const panel = element('section', {
    class: 'card panel',
    id: 'panel',
    tabindex: '-1',
    'aria-label': 'Panel',
  })
  const redraw = () => dashboard.draw()
  const lineParts =
    line && !IS_EMBEDDED
      ? {
          bell: createBell(line, redraw),
          acknowledgements: createAcknowledgements({
            line,
            logs,
            onChange: redraw,
            onFailed: (reason) => lineEvents.add(reason, 'bad'),
          }),
        }
      : undefined
  const dashboard = createDashboard({
    source,
    logs,
    into: panel,
    lineParts,
    onLiveEvent: ({ id, at: happenedAt }, at) =>
      faults?.addPageEvent({ type: 'event', id, happenedAt, lag: at - happenedAt }),
  })
  const acknowledgeLatest = async () => {
    const row = logs.of('errors').latest
    if (row) await lineParts?.acknowledgements.add(row)
  }
  const tabs = createTabs()
  const faults = IS_EMBEDDED
    ? undefined
    : createFaultSection(line, source, dashboard.shown, acknowledgeLatest)

  into.dataset['way'] = WAY
  if (faults) {
    into.replaceChildren(
      createJump('skip', 'Skip to the panel', panel),
      createTopBar(lineParts?.bell.root, createBadge(source)),
      tabs.root,
      element(
        'main',
        {},
        element('div', { class: 'column' }, panel, ...(line ? [lineEvents.root, createInspector(line)] : [])),
        element(
          'div',
          { class: 'column side' },
          createCountsCard(WAY === 'perTab' ? 'perTab' : 'partyline', line),
          faults.root,
        ),
      ),
      createJump('jump', 'Break it', faults.root),
    )
  } else {
    into.dataset['embedded'] = ''
    const version = element('span', { class: 'version' }, VERSION)
    into.replaceChildren(
      element('header', { class: 'mini' }, createBadge(source), version),
      element('main', {}, panel),
    )
  }

  if (line) {
    showLineEvents(line, lineEvents)
    line.on('reload', reloader({ spread: 2500 }))
  }
  fillGaps({
    source,
    logs,
    onChange: dashboard.draw,
    onFilled(count) {
      lineEvents.add(`${formatCount(count, 'missed event')} fetched`, 'live')
      faults?.addPageEvent({ type: 'filled', count })
    },
  })

  function show(chosen: Panel) {
    dashboard.show(chosen)
    tabs.show(chosen)
  }
  const first = await firstPanel(line)
  if (!panelIn(location.hash)) history.replaceState(null, '', hashOf(first))
  show(first)
  addEventListener('hashchange', () => {
    const chosen = panelIn(location.hash)
    if (chosen) show(chosen)
  })
  faults?.resume()
}
