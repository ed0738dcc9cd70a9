/** Something the worker complained of. */
export interface Complaint {
  readonly level: 'warn' | 'error'
  readonly words: string
}

export const ALOUD = 'partyline-demo/aloud'

/** Lets the pages hear what this worker complains of: its own console is a place that few find. */
export function complainAloud(): void {
  const pages = new BroadcastChannel(ALOUD)
  const tell = (level: Complaint['level'], words: string) =>
    pages.postMessage({ level, words } satisfies Complaint)
  for (const level of ['warn', 'error'] as const) {
    const say = console[level]
    console[level] = (...words: unknown[]) => {
      tell(level, words.map(String).join(' '))
      say(...words)
    }
  }
  addEventListener('error', ({ message }) => tell('error', message))
  addEventListener('unhandledrejection', ({ reason }) => tell('error', `Nobody caught this: ${reason}`))
}
