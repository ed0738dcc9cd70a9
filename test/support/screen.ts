import { connect } from 'partyline'
import { usePanel } from 'partyline/react'
import { createElement, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import type { Dashboard } from './dashboard.worker'
import type { TabSettings } from './tab'

/** A page that shows the sum of a panel's numbers. It posts a message to its parent page whenever the sum changes. */

export interface Shown {
  readonly screen: true
  readonly sum: number
  readonly renders: number
  /** Frames drawn since the worker answered. A browser may draw one while it loads a frame that is not displayed. */
  readonly frames: number
}

const settings: TabSettings = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}')
const line = connect<Dashboard>((options) => {
  const Kind = settings.dedicated ? Worker : SharedWorker
  return new Kind(settings.worker, { ...options, type: 'module' })
}, settings.connect)

let frames = 0
let renders = 0
function count() {
  frames += 1
  requestAnimationFrame(count)
}
void line.ready.then(() => requestAnimationFrame(count))

function Sum() {
  renders += 1
  const sum = usePanel(line, 'errors', (sum, { data }) => sum + data.n, 0)
  useEffect(() => parent.postMessage({ screen: true, sum, renders, frames } satisfies Shown, '*'), [sum])
  return sum
}

const main = document.createElement('main')
document.body.append(main)
createRoot(main).render(createElement(Sum))
