import type { SourceMap } from 'node:module'
import { gzipSync } from 'node:zlib'

/** The part of a bundle that comes from one module, in bytes. */
export interface Share {
  /** The path of our file, relative to the root of the repository, or the name of a package. */
  readonly module: string
  readonly minified: number
  /** How much smaller the gzipped bundle would be without it. */
  readonly gzip: number
}

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/
const OURS = /(?:^|\/)((?:shared|src|worker)\/[^/].*)$/

const nameOf = (source: string): string => PACKAGE.exec(source)?.[1] ?? OURS.exec(source)?.[1] ?? 'the app'

/** Attributes every character of a bundle to the module it came from, by the bundle's source map. */
function attribute(code: string, map: SourceMap): readonly string[] {
  const owners: string[] = []
  let line = 0
  let column = 0
  for (const character of code) {
    const entry = map.findEntry(line, column)
    owners.push('originalSource' in entry && entry.originalSource ? nameOf(entry.originalSource) : 'the app')
    column += 1
    if (character === '\n') {
      line += 1
      column = 0
    }
  }
  return owners
}

/** The modules of a bundle, the largest first. */
export function sharesOf(code: string, map: SourceMap): readonly Share[] {
  const characters = [...code]
  const owners = attribute(code, map)
  const whole = gzipSync(code).length
  return [...new Set(owners)]
    .map((module) => {
      const rest = characters.filter((_, index) => owners[index] !== module).join('')
      return {
        module,
        minified: Buffer.byteLength(code) - Buffer.byteLength(rest),
        gzip: whole - gzipSync(rest).length,
      }
    })
    .sort((a, b) => b.gzip - a.gzip)
}
