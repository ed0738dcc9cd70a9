import { drawn, element, write } from '../dom.ts'
import { span } from '../words.ts'
import { GROUPS } from './catalogue.ts'
import type { Fault } from './fault.ts'
import type { Trial, Verdict } from './trial.ts'

export interface FaultPanelParts {
  readonly run: (fault: Fault, seconds: number, count: number) => void
  /** Whether somebody watches over the promises. */
  readonly isWatched: boolean
  readonly offers: (fault: Fault) => boolean
}

const WORDS: Record<Verdict, string> = {
  watching: 'Watching…',
  held: 'As promised',
  missed: 'Not seen in time',
}

const UNWATCHED = 'These are Partyline’s promises. See which of them a socket in each tab keeps.'

const tick = () =>
  drawn(
    'svg',
    { viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    drawn('circle', { cx: 8, cy: 8, r: 6.5 }),
    drawn('path', { d: 'm5 8.2 2.1 2.1L11 6' }),
  ) as unknown as HTMLElement

function createField(fault: Fault): { root: HTMLElement; read: () => number } | undefined {
  const [value, unit, most] =
    fault.seconds !== undefined ? [fault.seconds, 's', 120] : [fault.count, 'events', 20_000]
  if (value === undefined) return undefined
  const input = element('input', {
    type: 'number',
    min: '1',
    max: String(most),
    value: String(value),
    'aria-label': `${fault.label}: how many ${unit === 's' ? 'seconds' : unit}`,
  })
  return {
    root: element('span', { class: 'field' }, input, unit === 's' ? 's' : ''),
    read: () => Math.min(most, Math.max(1, Number(input.value) || value)),
  }
}

/** One fault: its button, its promise, and what was seen of it. */
function createCard(fault: Fault, { run, isWatched }: Pick<FaultPanelParts, 'run' | 'isWatched'>) {
  const field = createField(fault)
  const button = element('button', { type: 'button', 'aria-describedby': `promise-${fault.id}` }, fault.label)
  const verdict = element('p', { class: 'verdict', role: 'status' })
  const steps = fault.steps.map(({ what }) => {
    const words = element('span', { class: 'words' })
    return { words, root: element('li', {}, tick(), element('span', {}, what), words) }
  })
  const proof = element(
    'div',
    { class: 'proof', hidden: '' },
    verdict,
    element('ol', {}, ...steps.map(({ root }) => root)),
  )
  const root = element(
    'article',
    { class: 'fault', 'data-fault': fault.id },
    element('div', { class: 'row' }, button, ...(field ? [field.root] : [])),
    element('p', { class: 'promise', id: `promise-${fault.id}` }, fault.promise),
    proof,
  )
  const card = {
    root,
    render({ verdict: now, seen }: Pick<Trial, 'verdict' | 'seen'>) {
      proof.hidden = false
      root.dataset['verdict'] = now
      write(verdict, WORDS[now])
      for (const [index, { root: line, words }] of steps.entries()) {
        const step = seen[index]
        line.dataset['seen'] = String(step !== undefined)
        write(words, step ? `${step.words ? `${step.words} · ` : ''}${span(step.after)}` : '')
      }
    },
    fail(why: string) {
      proof.hidden = false
      root.dataset['verdict'] = 'missed'
      write(verdict, why)
    },
  }
  button.addEventListener('click', () => {
    const value = field?.read() ?? 0
    if (isWatched) card.render({ verdict: 'watching', seen: [] })
    run(fault, fault.seconds === undefined ? 0 : value, fault.count === undefined ? 0 : value)
  })

  return card
}

/** Buttons that break things, each with what should happen, and whether it did. */
export function createFaultPanel({ run, offers, isWatched }: FaultPanelParts) {
  const cards = new Map<string, ReturnType<typeof createCard>>()
  const groups = GROUPS.map(({ name, faults }) => {
    const some = faults.filter(offers).map((fault) => {
      const card = createCard(fault, { run, isWatched })
      cards.set(fault.id, card)
      return card.root
    })
    return some.length === 0
      ? ''
      : element('section', { 'aria-label': name }, element('h3', {}, name), ...some)
  })
  return {
    root: element(
      'section',
      { class: 'card faults', 'aria-labelledby': 'faults', tabindex: '-1' },
      element('h2', { id: 'faults' }, 'Break it'),
      ...(isWatched ? [] : [element('p', { class: 'mute small' }, UNWATCHED)]),
      ...groups,
    ),
    render: (trial: Trial) => cards.get(trial.fault.id)?.render(trial),
    fail: (fault: Fault, why: string) => cards.get(fault.id)?.fail(why),
  }
}
