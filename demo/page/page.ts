import { type Line, reloader } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { hashOf, IS_EMBEDDED, panelIn, WAY } from './address.ts'
import { createBadge } from './badge.ts'
import { createFigures, sinceOf, watchCensus } from './census.ts'
import { createDashboard } from './dashboard.ts'
import { createDesk } from './desk.ts'
import { createDiary, type Diary } from './diary.ts'
import { element, write } from './dom.ts'
import { fillGaps } from './gaps.ts'
import { connectLine } from './line.ts'
import type { Panel, Source } from './source.ts'
import { createTabs, createTop } from './top.ts'
import { plural, span } from './words.ts'

/** All that is told of a line goes into the diary; reload orders are obeyed. */
function keepDiary(line: Line<Dashboard>, diary: Diary) {
  let { state } = line.status
  line.on('status', (status) => {
    if (status.state === state) return
    state = status.state
    const why = status.error ? `: ${status.error.message}` : status.recovered ? ': session recovered' : ''
    diary.note(`${state}${why}`, state === 'online' ? 'live' : 'wait')
  })
  line.on('gap', ({ rooms, from, to, cause }) =>
    diary.note(`gap of ${span(to - from)} in ${rooms.join(', ')} (${cause})`, 'wait'),
  )
  line.on('denied', ({ room, reason }) => diary.note(`denied ${room}: ${reason}`, 'bad'))
  line.on('error', ({ message }) => diary.note(message, 'bad'))
  line.on('reload', ({ reason, version }) => diary.note(`reload ordered: ${reason} ${version ?? ''}`, 'wait'))
  line.on('reload', reloader({ spread: 2500 }))
}

/** The panel of the address; without one, what this tab showed before. */
async function firstPanel(line: Line<Dashboard> | undefined): Promise<Panel> {
  const named = panelIn(location.hash)
  if (named || !line) return named ?? 'overview'
  const restored = await line.ready.then(() => line.restored).catch(() => [])
  return restored[0] ?? 'overview'
}

export async function openPage(into: HTMLElement): Promise<void> {
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
  const dashboard = createDashboard({ source, desk, into: panel, heard: () => {} })
  const tabs = createTabs()

  into.dataset['way'] = WAY
  if (IS_EMBEDDED) {
    into.dataset['embedded'] = ''
    into.replaceChildren(createBadge(source), element('main', {}, panel))
  } else {
    const figures = createFigures(WAY === 'usual' ? 'usual' : 'partyline')
    const since = element('p', { class: 'mute small' }, '\u00a0')
    watchCensus((census) => {
      write(since, census ? sinceOf(census) : 'the server does not answer')
      if (census) figures.render(census)
    })
    const counted = element(
      'section',
      { class: 'card counted', 'aria-labelledby': 'counted' },
      element('h2', { id: 'counted' }, 'The server’s own count'),
      figures.root,
      since,
    )
    into.replaceChildren(
      element('a', { class: 'skip', href: '#panel' }, 'Skip to the panel'),
      createTop(createBadge(source)),
      tabs.root,
      element(
        'main',
        {},
        element(
          'div',
          { class: 'column' },
          panel,
          element(
            'section',
            { class: 'card inside', 'aria-label': 'Inside' },
            element('partyline-inspector' as 'div'),
          ),
          diary.root,
        ),
        element('div', { class: 'column side' }, counted),
      ),
    )
  }

  if (line) keepDiary(line, diary)
  fillGaps({
    source,
    desk,
    changed: dashboard.draw,
    filled: (_, count) => diary.note(`${plural(count, 'missing event')} fetched`, 'live'),
  })

  function show(chosen: Panel) {
    dashboard.show(chosen)
    tabs.show(chosen)
  }
  const first = await firstPanel(line)
  if (!panelIn(location.hash)) history.replaceState(null, '', hashOf(first))
  show(panelIn(location.hash) ?? first)
  addEventListener('hashchange', () => {
    const chosen = panelIn(location.hash)
    if (chosen) show(chosen)
  })
}
