import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './entries'

export interface Tarball {
  readonly path: string
  /** The paths of its files. */
  readonly files: readonly string[]
}

/** Builds the package, and packs it into a folder as it would be published. */
export function packTarball(folder: string): Tarball {
  const answer = execFileSync(
    'npm',
    ['pack', '--json', '--foreground-scripts=false', '--pack-destination', folder],
    {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    },
  )
  const [packed] = JSON.parse(answer) as { filename: string; files: { path: string }[] }[]
  if (!packed) throw new Error('npm packed nothing.')
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path) }
}
