/** The most warnings of one worker. */
const MOST = 100

/** Warns on the worker's console, once per subject: `about` identifies the subject. */
export type Warn = (about: string, text: string) => void

export function createWarnings(): Warn {
  const known = new Set<string>()
  return (about, text) => {
    if (known.size >= MOST || known.has(about)) return
    known.add(about)
    console.warn(`[partyline] ${text}`)
  }
}
