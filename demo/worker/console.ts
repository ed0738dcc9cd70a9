/** A warning or an error of the worker. */
export interface ConsoleMessage {
  readonly level: 'warn' | 'error'
  readonly text: string
}

export const CONSOLE_CHANNEL = 'partyline-demo/console'

/** Also sends this worker's warnings and errors to the pages: few people find the console of a worker. */
export function forwardConsole(): void {
  const pages = new BroadcastChannel(CONSOLE_CHANNEL)
  const send = (level: ConsoleMessage['level'], text: string) =>
    pages.postMessage({ level, text } satisfies ConsoleMessage)
  for (const level of ['warn', 'error'] as const) {
    const log = console[level]
    console[level] = (...parts: unknown[]) => {
      send(level, parts.map(String).join(' '))
      log(...parts)
    }
  }
  addEventListener('error', ({ message }) => send('error', message))
  addEventListener('unhandledrejection', ({ reason }) => send('error', `Unhandled rejection: ${reason}`))
}
