import { element } from '../dom/dom'
import { roundLength } from './scale'

const MINUTE = 60_000
const RANGES: readonly (readonly [label: string, length: number | undefined])[] = [
  ['5 min', 5 * MINUTE],
  ['1 h', 60 * MINUTE],
  ['All', undefined],
]

/** How much of the past the picture shows. */
export function createRanges(changed: () => void) {
  let chosen: number | undefined
  const choices = RANGES.map(([label, length]) => {
    const input = element('input', { type: 'radio', name: 'range' })
    input.checked = length === chosen
    input.addEventListener('change', () => {
      chosen = length
      changed()
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
    /** In ms, for a worker that started then. */
    length: (startedAt: number, now: number) => chosen ?? roundLength(now - startedAt),
  }
}
