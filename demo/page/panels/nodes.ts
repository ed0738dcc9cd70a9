import type { NodesUpdate } from '../../server/rooms.ts'
import { createChart, type Series } from '../chart.ts'
import { element, setText } from '../dom.ts'
import type { MakeView, View } from './view.ts'

const COUNT = 6

function createMeter(name: string) {
  const bar = element('i')
  const value = element('b', {}, '–')
  return {
    root: element(
      'p',
      { class: 'meter' },
      element('span', {}, name),
      element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
      value,
    ),
    set(percent: number) {
      bar.style.width = `${percent}%`
      bar.dataset['tone'] = percent > 85 ? 'bad' : percent > 70 ? 'wait' : 'live'
      setText(value, `${percent} %`)
    },
  }
}

function createNode(index: number) {
  const name = element('h2', {}, '–')
  const zone = element('span', { class: 'mute' })
  const cpu = createMeter('cpu')
  const memory = createMeter('memory')
  const root = element('section', { class: 'node' }, element('header', {}, name, zone), cpu.root, memory.root)
  return {
    root,
    render({ nodes }: NodesUpdate) {
      const node = nodes[index]
      if (!node) return
      setText(name, node.name)
      setText(zone, node.zone)
      cpu.set(node.cpu)
      memory.set(node.memory)
    },
  }
}

const mean = (values: readonly number[]) =>
  Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length))

export const nodes: MakeView = (logs): View => {
  const log = logs.of('nodes')
  const cards = Array.from({ length: COUNT }, (_, index) => createNode(index))
  const series: Series<NodesUpdate>[] = [
    { name: 'hottest', tone: 'bad', value: ({ nodes: all }) => Math.max(...all.map(({ cpu }) => cpu)) },
    { name: 'mean', tone: 'one', value: ({ nodes: all }) => mean(all.map(({ cpu }) => cpu)) },
  ]
  const chart = createChart({
    title: 'Processor time',
    unit: '%',
    log,
    series,
    maxSilence: 4500,
    isTall: true,
  })
  return {
    root: element(
      'div',
      { class: 'stack roomy' },
      element('div', { class: 'nodes' }, ...cards.map(({ root }) => root)),
      chart.root,
    ),
    render(now) {
      const latest = log.latest
      if (latest) for (const card of cards) card.render(latest)
      chart.render(now)
    },
  }
}
