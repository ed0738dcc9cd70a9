import type { ImportName } from './budgets'
import type { Weight } from './measure'

/** The sentence in README.md about the size of the package. */

const PLACE = /(<!-- sizes -->\n)([\s\S]*?)(?=\n\n)/

export const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

function gzipOf(weights: readonly Weight[], name: ImportName): number | undefined {
  return weights.find((weight) => weight.name === name)?.gzip
}

function shareOf(weights: readonly Weight[], name: ImportName, modules: RegExp): string {
  const shares = weights.find((weight) => weight.name === name)?.shares ?? []
  return kilobytes(
    shares.filter(({ module }) => modules.test(module)).reduce((sum, { gzip }) => sum + gzip, 0),
  )
}

/** Socket.IO's client is several packages. */
const SOCKET_IO = /^(@socket\.io|socket\.io|engine\.io)/

export function sentence(weights: readonly Weight[]): string {
  const page = gzipOf(weights, 'connect') ?? 0
  const more = (name: ImportName) => kilobytes((gzipOf(weights, name) ?? 0) - page)
  const react =
    gzipOf(weights, 'connect + react') === undefined ? '' : `, the hooks ${more('connect + react')} more`
  const worker = 'worker, everything'
  return [
    `Min + gzip, bundled as an app would: the page's side **${kilobytes(page)} kB** (\`reloader\` ${more('connect + reloader')} more${react}), the worker`,
    `**${kilobytes(gzipOf(weights, worker) ?? 0)} kB** (socket.io-client's ${shareOf(weights, worker, SOCKET_IO)} included).`,
  ].join('\n')
}

/** The sentence that README.md has now. */
export function sentenceIn(readme: string): string {
  const found = PLACE.exec(readme)?.[2]
  if (found === undefined) throw new Error('README.md has no paragraph after <!-- sizes -->.')
  return found
}

export const withSentence = (readme: string, text: string): string =>
  readme.replace(PLACE, (_, mark: string) => mark + text)
