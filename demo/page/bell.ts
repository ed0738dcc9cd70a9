import type { Line } from 'partyline'
import type { ErrorRow } from '../server/rooms.ts'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { KIND } from './address.ts'
import { element, setText, svgElement } from './dom.ts'
import { createSound } from './sound.ts'

/** For all tabs of this kind of server: each kind has a line of its own. */
const KEY = `partyline-demo/bell/${KIND}`
/** How many errors a page remembers to have rung for. */
const RUNG_LIMIT = 600
/** How long the bell swings, in ms. */
const SWING = 700

export const bellIcon = () =>
  svgElement(
    'svg',
    { viewBox: '0 0 20 20', 'aria-hidden': 'true' },
    svgElement('path', {
      d: 'M10 2.8a4.7 4.7 0 0 0-4.7 4.7c0 4.6-1.8 5.6-1.8 6.7h13c0-1.1-1.8-2.1-1.8-6.7A4.7 4.7 0 0 0 10 2.8Z',
    }),
    svgElement('path', { d: 'M8.3 16.6a1.8 1.8 0 0 0 3.4 0' }),
  )

/**
 * A bell that rings for each new error, in one tab: the one that was last in front. The user turns it on and off for all tabs.
 */
export function createBell(line: Line<Dashboard>, onRung: () => void) {
  const sound = createSound()
  const rung = new Set<string>()
  let count = 0
  let leads = false
  /** Ends what the line does for the bell; absent while it is off. */
  let stop: (() => void) | undefined
  let swing: ReturnType<typeof setTimeout> | undefined

  const text = element('span')
  const number = element('b')
  const root = element('button', { type: 'button', class: 'bell' }, bellIcon(), text, number)

  function render() {
    const place = stop === undefined ? 'off' : leads ? 'this tab' : 'another tab'
    root.dataset['rings'] = place
    root.setAttribute('aria-pressed', String(stop !== undefined))
    setText(text, `Bell: ${place}`)
    setText(number, count === 0 ? '' : String(count))
    root.title = {
      off: 'Press to let one tab ring for each new error',
      'this tab': `This tab rings: it was last in front.${sound.isAllowed() ? '' : ' It is silent until you press something in it.'}`,
      'another tab': 'Another tab rings: it was last in front.',
    }[place]
  }

  function ring({ id }: ErrorRow) {
    count += 1
    rung.add(id)
    for (const oldest of rung) if (rung.size > RUNG_LIMIT) rung.delete(oldest)
    if (sound.isAllowed()) sound.play()
    root.classList.add('swings')
    clearTimeout(swing)
    swing = setTimeout(() => root.classList.remove('swings'), SWING)
    render()
    onRung()
  }

  function start() {
    const unsubscribe = line.subscribe(
      'alarms',
      ({ data }) => {
        if (data.level === 'error' && !data.acknowledged) ring(data)
      },
      { tab: 'one' },
    )
    const unlisten = line.on('lead', (isLeading) => {
      leads = isLeading
      render()
    })
    return () => {
      unsubscribe()
      unlisten()
    }
  }

  /** Does what the user has chosen, in whatever tab. */
  function apply() {
    const isOn = localStorage.getItem(KEY) === 'on'
    if (isOn === (stop !== undefined)) return
    stop?.()
    leads = false
    stop = isOn ? start() : undefined
    render()
  }

  root.addEventListener('click', () => {
    localStorage.setItem(KEY, stop === undefined ? 'on' : 'off')
    apply()
  })
  addEventListener('storage', ({ key }) => {
    if (key === KEY) apply()
  })
  render()
  apply()

  return {
    root,
    /** Whether this page has rung for an error. */
    hasRung: ({ id }: ErrorRow) => rung.has(id),
  }
}

export type Bell = ReturnType<typeof createBell>
