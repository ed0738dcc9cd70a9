import { element } from '../dom/elements'
import { roundLength } from './scale'

const MINUTE = 60_000
const RANGES: readonly (readonly [label: string, length: number | undefined])[] = [
  ['5 min', 5 * MINUTE],
  ['1 h', 60 * MINUTE],
  ['All', undefined],
]

/** Lets the user choose how much time the chart shows. */
export function createRangePicker(onChange: () => void) {
  let chosen: number | undefined
  const choices = RANGES.map(([label, length]) => {
    const input = element('input', { type: 'radio', name: 'range' })
    input.checked = length === chosen
    input.addEventListener('change', () => {
      chosen = length
      onChange()
    })
    return element('label', {}, input, element('span', {}, label))
  })
  return {
    root: element(
      'fieldset',
      { class: 'ranges' },
      element('legend', { class: 'unseen' }, 'Time shown'),
      ...choices,
    ),
    /** In ms. "All" is the time since the worker started, rounded up. */
    length: (startedAt: number, now: number) => chosen ?? roundLength(now - startedAt),
  }
}
