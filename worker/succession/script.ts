/** A worker's own script. */
export interface Script {
  readonly address: string
  /** Tells scripts at one address apart. `undefined` if the script cannot be read, because a deployment removed it for example. */
  readonly text: Promise<string | undefined>
  /** Whether the address has another script now. One that is missing, or is no JavaScript, does not count. */
  hasChanged(): Promise<boolean>
}

/** How long the server may take, in ms. */
const PATIENCE = 5000

export function createScript(address: string): Script {
  // The browser has just loaded it, so this comes from its cache.
  const text = read('force-cache')

  async function read(cache: RequestCache): Promise<string | undefined> {
    try {
      const response = await fetch(address, { cache, signal: AbortSignal.timeout(PATIENCE) })
      // Some servers answer a missing file with 200 and a page.
      const isScript = response.ok && /javascript/.test(response.headers.get('content-type') ?? '')
      return isScript ? fingerprint(await response.text()) : undefined
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
      const current = running && (await read('no-cache'))
      return current !== undefined && current !== running
    },
  }
}

/** The FNV-1a hash of a text, and its length. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return `${(hash >>> 0).toString(36)}-${text.length.toString(36)}`
}
