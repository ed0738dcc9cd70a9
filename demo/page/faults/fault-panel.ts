import { KIND } from '../address.ts'
import { element, setText, svgElement } from '../dom.ts'
import { formatDuration } from '../format.ts'
import { groupsFor } from './catalogue.ts'
import type { Fault } from './fault.ts'
import type { Trial, Verdict } from './trial.ts'

export interface FaultPanelParts {
  readonly run: (fault: Fault, seconds: number, count: number) => void
  /** Whether the results of faults are checked. */
  readonly isChecked: boolean
  /** Whether the panel has this fault. */
  readonly offers: (fault: Fault) => boolean
}

const VERDICTS: Record<Verdict, string> = {
  watching: 'Watching…',
  passed: 'As expected',
  failed: 'Did not happen in time',
}

const NOT_CHECKED = 'This is what Partyline should do. See how much of it a socket per tab does.'

const NO_SESSIONS = 'This server keeps no sessions. After a loss, the page fetches what it missed.'

const tick = () =>
  svgElement(
    'svg',
    { viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    svgElement('circle', { cx: 8, cy: 8, r: 6.5 }),
    svgElement('path', { d: 'm5 8.2 2.1 2.1L11 6' }),
  )

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

/** One fault: its button, what should happen, and what has happened. */
function createCard(fault: Fault, { run, isChecked }: Pick<FaultPanelParts, 'run' | 'isChecked'>) {
  const field = createField(fault)
  const button = element(
    'button',
    { type: 'button', 'aria-describedby': `expected-${fault.id}` },
    fault.label,
  )
  const verdictLine = element('p', { class: 'verdict', role: 'status' })
  const steps = fault.steps.map(({ label }) => {
    const details = element('span', { class: 'details' })
    return { details, root: element('li', {}, tick(), element('span', {}, label), details) }
  })
  const result = element(
    'div',
    { class: 'result', hidden: '' },
    verdictLine,
    element('ol', {}, ...steps.map(({ root }) => root)),
  )
  const root = element(
    'article',
    { class: 'fault', 'data-fault': fault.id },
    element('div', { class: 'row' }, button, ...(field ? [field.root] : [])),
    element('p', { class: 'expected', id: `expected-${fault.id}` }, fault.expected),
    result,
  )
  const card = {
    root,
    render({ verdict, passed }: Pick<Trial, 'verdict' | 'passed'>) {
      result.hidden = false
      root.dataset['verdict'] = verdict
      setText(verdictLine, VERDICTS[verdict])
      for (const [index, { root: line, details }] of steps.entries()) {
        const step = passed[index]
        line.dataset['passed'] = String(step !== undefined)
        setText(
          details,
          step ? `${step.details ? `${step.details} · ` : ''}${formatDuration(step.after)}` : '',
        )
      }
    },
    fail(reason: string) {
      result.hidden = false
      root.dataset['verdict'] = 'failed'
      setText(verdictLine, reason)
    },
  }
  button.addEventListener('click', () => {
    const value = field?.read() ?? 0
    if (isChecked) card.render({ verdict: 'watching', passed: [] })
    run(fault, fault.seconds === undefined ? 0 : value, fault.count === undefined ? 0 : value)
  })

  return card
}

/** A button for each fault, with what should happen, and whether it did. */
export function createFaultPanel({ run, offers, isChecked }: FaultPanelParts) {
  const cards = new Map<string, ReturnType<typeof createCard>>()
  const groups = groupsFor(KIND).map(({ name, faults }) => {
    const some = faults.filter(offers).map((fault) => {
      const card = createCard(fault, { run, isChecked })
      cards.set(fault.id, card)
      return card.root
    })
    return some.length === 0
      ? ''
      : element('section', { 'aria-label': name }, element('h3', {}, name), ...some)
  })
  const notes = isChecked ? (KIND === 'websocket' ? [NO_SESSIONS] : []) : [NOT_CHECKED]
  return {
    root: element(
      'section',
      { class: 'card faults', 'aria-labelledby': 'faults', tabindex: '-1' },
      element('h2', { id: 'faults' }, 'Break it'),
      ...notes.map((note) => element('p', { class: 'mute small' }, note)),
      ...groups,
    ),
    render: (trial: Trial) => cards.get(trial.fault.id)?.render(trial),
    fail: (fault: Fault, reason: string) => cards.get(fault.id)?.fail(reason),
  }
}
