import { createFakeLine } from 'partyline/testing'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import type { Dashboard } from './dashboard.worker'
import { Errors } from './errors'

test('rows are shown as they come, and are stale while the line is offline', async () => {
  const { line, push, setStatus } = createFakeLine<Dashboard>()
  const container = document.createElement('div')
  const root = createRoot(container)
  onTestFinished(() => root.unmount())
  root.render(<Errors line={line} />)
  await push('errors', { room: 'errors', data: { message: 'disk full' } })
  await expect.poll(() => container.innerHTML).toBe('<pre class="live">disk full</pre>')
  await setStatus({ state: 'offline' })
  await expect.poll(() => container.innerHTML).toBe('<pre class="stale">disk full</pre>')
})
