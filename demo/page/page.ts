import { type Line, reloader } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { hashOf, IS_EMBEDDED, panelIn, WAY } from './address.ts'
import { hearWorker } from './aloud.ts'
import { createBadge } from './badge.ts'
import { createCounted } from './counted.ts'
import { createDashboard } from './dashboard.ts'
import { createDesk } from './desk.ts'
import { createDiary, keepDiary } from './diary.ts'
import { element } from './dom.ts'
import { createBreaking } from './faults/breaking.ts'
import { fillGaps } from './gaps.ts'
import { createInside } from './inside.ts'
import { connectLine } from './line.ts'
import type { Panel, Source } from './source.ts'
import { createJump, createTabs, createTop, VERSION } from './top.ts'
import { plural } from './words.ts'

/** The panel of the address; without one, what this tab showed before. */
async function firstPanel(line: Line<Dashboard> | undefined): Promise<Panel> {
  const named = panelIn(location.hash)
  if (named || !line) return named ?? 'overview'
  const restored = await line.ready.then(() => line.restored).catch(() => [])
  return panelIn(location.hash) ?? restored[0] ?? 'overview'
}

export async function openPage(into: HTMLElement): Promise<void> {
  if (WAY === 'partyline') hearWorker()
  const line = WAY === 'partyline' ? connectLine() : undefined
  const source: Source = line ?? (await (await import('./usual.ts')).connectUsually())
  const desk = createDesk()
  const diary = createDiary()
  const panel = element('section', {
    class: 'card panel',
    id: 'panel',
    tabindex: '-1',
    'aria-label': 'Panel',
  })
  const dashboard = createDashboard({
    source,
    desk,
    into: panel,
    heard: ({ id, at: happenedAt }, at) =>
      breaking?.note({ type: 'event', id, happenedAt, lag: at - happenedAt }),
  })
  const tabs = createTabs()
  const breaking = IS_EMBEDDED ? undefined : createBreaking(line, source, dashboard.shown)

  into.dataset['way'] = WAY
  if (breaking) {
    into.replaceChildren(
      createJump('skip', 'Skip to the panel', panel),
      createTop(createBadge(source)),
      tabs.root,
      element(
        'main',
        {},
        element('div', { class: 'column' }, panel, ...(line ? [diary.root, createInside(line)] : [])),
        element(
          'div',
          { class: 'column side' },
          createCounted(WAY === 'usual' ? 'usual' : 'partyline'),
          breaking.root,
        ),
      ),
      createJump('jump', 'Break it', breaking.root),
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
    keepDiary(line, diary)
    line.on('reload', reloader({ spread: 2500 }))
  }
  fillGaps({
    source,
    desk,
    changed: dashboard.draw,
    filled(count) {
      diary.note(`${plural(count, 'missing event')} fetched`, 'live')
      breaking?.note({ type: 'filled', count })
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
  breaking?.resume()
}
