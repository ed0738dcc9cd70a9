/** A worker's own script, with those that it imports. */
export interface Script {
  readonly address: string
  /** Tells scripts at one address apart. `undefined` if one cannot be read, because a deployment removed it for example. */
  readonly text: Promise<string | undefined>
  /** Whether the server now has another text for one of these scripts. `false` if one is missing or is not JavaScript. */
  hasChanged(): Promise<boolean>
}

/** How long the server may take, in ms. */
const PATIENCE = 5000
/** The same for the text that runs, which is asked of the server only if the browser keeps no copy: the first page waits for it. */
const PATIENCE_AT_START = 2000

/** @param imported The addresses of the scripts that it imports. */
export function createScript(address: string, imported: readonly string[] = []): Script {
  // The browser has just loaded them, so this comes from its cache.
  const text = read('force-cache', PATIENCE_AT_START)

  async function readOne(address: string, init: RequestInit): Promise<string> {
    const response = await fetch(address, init)
    // Some servers answer a missing file with 200 and a page.
    if (response.ok && /javascript/.test(response.headers.get('content-type') ?? '')) return response.text()
    throw new Error(`"${address}" is not JavaScript.`)
  }

  async function read(cache: RequestCache, patience: number): Promise<string | undefined> {
    const init = { cache, signal: AbortSignal.timeout(patience) }
    try {
      const texts = await Promise.all([address, ...imported].map((each) => readOne(each, init)))
      return fingerprint(texts.join('\n'))
    } catch {
      return undefined
    }
  }

  return {
    address,
    text,
    async hasChanged() {
      const running = await text
      // `no-cache` renews the browser's copy as well, so that a new worker does not start with the old one.
      const current = running && (await read('no-cache', PATIENCE))
      return current !== undefined && current !== running
    },
  }
}

/**
 * The scripts of this origin that the worker has loaded by `importScripts` so far. Some bundlers start every worker by the same
 * small script, which loads the app's code in this way. Imported modules are not among them: browsers do not list these.
 */
export function importedScripts(origin: string): readonly string[] {
  const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  return loaded
    .filter(({ name, initiatorType }) => initiatorType !== 'fetch' && name.startsWith(`${origin}/`))
    .map(({ name }) => name)
}

/** The FNV-1a hash of a text, and its length. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return `${(hash >>> 0).toString(36)}-${text.length.toString(36)}`
}
