import { drawn, element } from '../dom.ts'
import type { MakeView } from './view.ts'

/** Shows a denial: the server lets nobody into this room. */
export const vault: MakeView = () => ({
  root: element(
    'div',
    { class: 'shut' },
    drawn(
      'svg',
      { viewBox: '0 0 48 48', 'aria-hidden': 'true' },
      drawn('rect', { x: 9, y: 21, width: 30, height: 21, rx: 4 }),
      drawn('path', { d: 'M15 21v-6a9 9 0 0 1 18 0v6M24 29v6' }),
    ) as unknown as HTMLElement,
    element('h2', {}, 'The server keeps this room shut'),
    element(
      'p',
      {},
      'It was asked for once and the answer was no, so the panel says “denied”, and every page that shows it was told why. It is asked for again at the next handshake, and not before.',
    ),
  ),
  render: () => {},
})
