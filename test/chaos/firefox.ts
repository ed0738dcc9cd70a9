import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firefox } from 'playwright'
import { findFirefox } from '../../scripts/firefox'
import type { Launch } from './browser'
import { createPage, type Manner } from './playwright-page'
import { createProcesses } from './processes'

/**
 * Firefox, over WebDriver BiDi. It has up to four processes for the pages of one site. A SharedWorker runs in one of them,
 * and a tab that another one opens is in that one's process.
 */

const processes = createProcesses({
  commandLine: '-isForBrowser',
  threads: { dedicated: 'DOM Worker', shared: 'DOM Worker' },
})

const manner: Manner = (page, crashed) => {
  /** It is at an empty page because the run wants it. */
  let isAway = true
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame()) return
    // The tab in front goes to `about:blank` when its process has ended, the others go to `about:tabcrashed`.
    const isEmpty = frame.url().startsWith('about:')
    if (frame.url().startsWith('about:tabcrashed') || (isEmpty && !isAway)) crashed()
    isAway = isEmpty
  })
  return {
    async crash() {
      process.kill(await processes.find((expression) => page.evaluate(expression)), 'SIGKILL')
    },
    async leave() {
      isAway = true
      await page.goto('about:blank')
    },
    // Playwright's `goBack` waits for ever. The page ends in the middle of a call that goes back at once.
    back: () => page.evaluate('void setTimeout(() => history.back())'),
  }
}

/** Writes a program that starts Firefox without a variable that Playwright sets: with it, Firefox ends when one process does. */
function writeStarter(executablePath: string) {
  const folder = mkdtempSync(join(tmpdir(), 'firefox-'))
  const path = join(folder, 'start.sh')
  writeFileSync(path, `#!/bin/sh\nunset MOZ_CRASHREPORTER_SHUTDOWN\nexec "${executablePath}" "$@"\n`)
  chmodSync(path, 0o700)
  return { path, remove: () => rmSync(folder, { recursive: true }) }
}

export const launchFirefox: Launch = async () => {
  const found = findFirefox()
  if (found === undefined) throw new Error('No Firefox found. Install one, or set FIREFOX_PATH to its path.')
  const starter = writeStarter(found)
  const browser = await firefox.launch({
    executablePath: starter.path,
    channel: 'moz-firefox',
    firefoxUserPrefs: {
      // Firefox waits longer and longer before it lets a page try a WebSocket again that has failed.
      'network.websocket.delay-failed-reconnects': false,
      // In kB: pages keep their notes and their records in the storages, which are to hold those of a long run.
      'dom.storage.default_quota': 102_400,
      'dom.storage.default_site_quota': 102_400,
    },
  })
  const context = await browser.newContext()
  return {
    lost: new Promise((lose) => browser.once('disconnected', () => lose('The browser has ended.'))),
    open: async () => createPage(await context.newPage(), processes, manner),
    evaluateEverywhere: async (expression) =>
      void (await Promise.allSettled(context.pages().map((page) => page.evaluate(expression)))),
    workerProcesses: processes.withSharedWorkers,
    async close() {
      await browser.close()
      starter.remove()
    },
  }
}
