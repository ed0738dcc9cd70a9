import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../../scripts/chromium.ts'
import { ROOT } from '../pages.ts'
import { writeProject } from './project.ts'

const PAGE = 'docs/testing.md'

/** What a reader's project has already: the installed package, and its optimized dependencies. */
const SURROUNDINGS = `
  resolve: { alias: {
    'partyline/worker': ${JSON.stringify(join(ROOT, 'worker/index.ts'))},
    partyline: ${JSON.stringify(join(ROOT, 'src/index.ts'))},
  } },
  optimizeDeps: { include: ['socket.io-client', 'socket.io-parser', 'idb-keyval'] },
`

/** Runs the browser tests of the page as a reader would. Returns Vitest's exit code and output. */
export async function followTestingPage(): Promise<{
  readonly code: number | null
  readonly output: string
}> {
  const launch = JSON.stringify({ executablePath: findChromium(), args: CHROMIUM_ARGUMENTS })
  const project = writeProject(PAGE, (code) =>
    code
      .replace('playwright()', `playwright({ launchOptions: ${launch} })`)
      .replace('defineConfig({', `defineConfig({ ${SURROUNDINGS}`),
  )
  try {
    const vitest = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run'], {
      cwd: project.folder,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [vitest.stdout, vitest.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    const code = await new Promise<number | null>((done) => vitest.once('exit', done))
    return { code, output }
  } finally {
    project.remove()
  }
}
