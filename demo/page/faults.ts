import type { Line } from 'partyline'
import type { Dashboard } from '../worker/dashboard.worker.ts'
import { element } from './dom.ts'

const post = (path: string) => fetch(`/api/faults/${path}`, { method: 'POST' })

/** Buttons that break things, each with what should happen. */
export function faults(line: Line<Dashboard>, into: HTMLElement): void {
  const buttons: readonly [label: string, promise: string, act: () => unknown][] = [
    ['Hang up', 'Every tab says “hung up”, and stays so.', () => line.disconnect()],
    ['Connect', 'Every tab is live again, rooms joined once.', () => line.connect()],
    ['Retry now', 'Offline: tries at once instead of waiting.', () => line.retry()],
    [
      'Open another tab',
      'The server still counts one socket.',
      () => open(location.href, '_blank', 'noopener'),
    ],
    ['Stop the server for 8 s', 'Offline, data goes stale, then live again.', () => post('stop?seconds=8')],
    ['Drop the connection', 'Back within a second; missed events arrive.', () => post('cut')],
    ['Server disconnects us', 'Retried like any other loss.', () => post('kick')],
    ['Burst of 1,000 events', 'The errors panel takes them in a few posts.', () => post('burst?count=1000')],
    ['Deploy a new version', 'Told to reload within seconds.', () => post('deploy')],
    ['Broadcast a reload', 'Every tab is told to reload at once.', () => post('reload')],
  ]
  for (const [label, promise, act] of buttons) {
    const button = element('button', { type: 'button' }, label)
    button.addEventListener('click', () => void act())
    into.append(element('div', {}, button, element('small', {}, promise)))
  }
}
