import { element, svgElement } from '../dom.ts'
import type { MakeView } from './view.ts'

/** An example of a denied room. */
export const vault: MakeView = () => ({
  root: element(
    'div',
    { class: 'shut' },
    svgElement(
      'svg',
      { viewBox: '0 0 48 48', 'aria-hidden': 'true' },
      svgElement('rect', { x: 9, y: 21, width: 30, height: 21, rx: 4 }),
      svgElement('path', { d: 'M15 21v-6a9 9 0 0 1 18 0v6M24 29v6' }),
    ),
    element('h2', {}, 'The server denies this room'),
    element(
      'p',
      {},
      'The worker asked to join once, and the server refused. So the panel says “denied”, and every page that shows it got a “denied” event with the reason. The worker asks again only after the next handshake.',
    ),
  ),
  render: () => {},
})
