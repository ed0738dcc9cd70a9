import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { onTestFinished } from 'vitest'

/** Renders into the test's page, and unmounts when the test ends. */
export function mount(element: ReactNode) {
  const container = document.createElement('div')
  document.body.append(container)
  const root = createRoot(container)
  root.render(element)
  onTestFinished(() => {
    root.unmount()
    container.remove()
  })
  return {
    text: () => container.textContent,
    render: (next: ReactNode) => root.render(next),
    unmount: () => root.unmount(),
  }
}

/** Counts the frames that this page draws from now on. */
export function countFrames() {
  let frames = 0
  const count = () => {
    frames += 1
    request = requestAnimationFrame(count)
  }
  let request = requestAnimationFrame(count)
  onTestFinished(() => cancelAnimationFrame(request))
  return () => frames
}
