import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** The TypeScript projects to check. Each has the globals of where it runs: page, worker or Node. */
const PROJECTS = [
  'shared',
  'src',
  'worker',
  'inspector',
  'test',
  'test/support',
  'test/servers',
  'test/types',
  'test/docs/browser',
  'test/demo',
  'demo/page',
  'demo/worker',
  'demo/server',
  'demo',
  'bench/pages',
  'bench/workers',
  'bench',
].filter((project) => existsSync(`${project}/tsconfig.json`))

const check = (project: string) =>
  new Promise<boolean>((resolve) => {
    const tsc = spawn('tsc', ['-p', project, '--pretty'], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    tsc.on('exit', (code) => resolve(code === 0))
  })

const results = await Promise.all(PROJECTS.map(check))
const failed = PROJECTS.filter((_, index) => !results[index])
console.log(
  failed.length === 0 ? `No type errors in ${PROJECTS.join(', ')}.` : `Type errors in ${failed.join(', ')}.`,
)
process.exitCode = failed.length === 0 ? 0 : 1
