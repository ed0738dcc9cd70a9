import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle, bundleStandalone } from './bundle'
import { shipDeclarations } from './declarations'
import { ENTRIES, ROOT } from './entries'

/** `npm run build`: builds the package into `dist/`, as it is published. */

const dist = join(ROOT, 'dist')
const standalone = join(dist, 'standalone')
const emitted = mkdtempSync(join(tmpdir(), 'partyline-types-'))
try {
  rmSync(dist, { recursive: true, force: true })
  await bundle(dist)
  await bundleStandalone(standalone)
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', emitted], {
    cwd: ROOT,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('tsc could not emit the declarations: its errors are above.')
  shipDeclarations(
    emitted,
    join(dist, 'types'),
    ENTRIES.map(({ types }) => types),
  )
  for (const { name, types } of ENTRIES) {
    writeFileSync(
      join(standalone, `${name}.d.ts`),
      `export * from '../types/${types.replace(/\.d\.ts$/, '.js')}'\n`,
    )
  }
} finally {
  rmSync(emitted, { recursive: true, force: true })
}
console.log(`dist/ contains ${ENTRIES.map(({ specifier }) => specifier).join(', ')}.`)
