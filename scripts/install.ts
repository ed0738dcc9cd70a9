import { execFileSync, spawnSync } from 'node:child_process'

/** Runs a command, and shows what it says. Returns whether it succeeded. */
export function run(command: string, ...args: readonly string[]): boolean {
  console.log(`> ${[command, ...args].join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0
}

function isDebianRoot(): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Installs packages of this system, where it is a Debian and this is its administrator. */
export function installPackages(...packages: readonly string[]): void {
  if (isDebianRoot() && run('apt-get', 'update', '-qq'))
    run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages)
}
