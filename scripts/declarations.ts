import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** A relative module name in a declaration. */
const RELATIVE = /(\bfrom |\bimport |\bimport\()(['"])(\.{1,2}\/[^'"]+)\2/g

/**
 * Copies the emitted declarations that are published: those that an entry imports, directly or not. Relative names get the
 * ending `.js`, which `moduleResolution` node16 requires and bundler accepts.
 */
export function shipDeclarations(from: string, to: string, entries: readonly string[]): void {
  const reached = new Set<string>()
  const waiting = [...entries]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    const here = posix.dirname(file)
    const resolveName = (name: string) => {
      const stem = name.replace(/\.[jt]sx?$/, '')
      const path = [stem, `${stem}/index`].find((one) => existsSync(join(from, here, `${one}.d.ts`)))
      if (path === undefined)
        throw new Error(`${file} imports "${name}", but there are no such declarations.`)
      waiting.push(posix.join(here, `${path}.d.ts`))
      return `${path}.js`
    }
    const text = readFileSync(join(from, file), 'utf8')
    mkdirSync(join(to, dirname(file)), { recursive: true })
    writeFileSync(
      join(to, file),
      text.replace(
        RELATIVE,
        (_, keyword: string, quote: string, name: string) => keyword + quote + resolveName(name) + quote,
      ),
    )
  }
}
