import type { Line } from 'partyline'
import {
  createHooks,
  LineProvider,
  useGap,
  useLatest,
  useLine,
  usePanel,
  usePanelState,
  useStatus,
} from 'partyline/react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { App } from '../../../recipes/server'

const Inner = () => {
  const line: Line | undefined = useLine()
  const counted = usePanel(line, 'errors', (count) => count + 1, 0)
  const byRoom = Object.keys(usePanel(line, 'errors')).length
  const latest = useLatest(line, 'errors')
  useGap(line, 'errors', () => {})
  return `${useStatus(line).state} ${usePanelState(line, 'errors').state} ${counted} ${byRoom} ${latest}`
}

test('on a server, without a line, each hook returns its initial value', () => {
  const html = renderToString(
    <LineProvider line={undefined}>
      <Inner />
    </LineProvider>,
  )
  expect(html).toBe('connecting joining 0 0 undefined')
})

test('a server renders the example of the docs', () => {
  expect(renderToString(<App line={undefined} />)).toBe('<p>0<!-- --> failures</p>')
})

const noProvider = expect.objectContaining({
  name: 'PartylineError',
  reason: 'bad-argument',
  message: expect.stringContaining('LineProvider'),
})

test('useLine without a provider throws an error that names LineProvider', () => {
  expect(() => renderToString(<Inner />)).toThrow(noProvider)
})

test('hooks of createHooks use the line of their own provider, and of no other', () => {
  const hooks = createHooks()
  const Inner = () => {
    hooks.useGap('errors', () => {})
    const count = hooks.usePanel('errors', (count) => count + 1, 0)
    return `${hooks.useStatus().state} ${hooks.usePanelState('errors').state} ${count} ${hooks.useLatest('errors')}`
  }
  const inner = <Inner />
  const html = renderToString(<hooks.LineProvider line={undefined}>{inner}</hooks.LineProvider>)
  expect(html).toBe('connecting joining 0 undefined')
  expect(() => renderToString(<LineProvider line={undefined}>{inner}</LineProvider>)).toThrow(noProvider)
})
