import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { findFirefox } from './scripts/firefox.ts'
import { inBrowser } from './vite.config.ts'

/** The tests that run in Firefox as well, only with `npm run test:firefox`. Without a Firefox on the machine, Playwright's own is used. */

const executablePath = findFirefox()

const firefox = {
  // A Firefox that is not Playwright's own speaks WebDriver BiDi, which this channel selects.
  provider: playwright({
    ...(executablePath !== undefined && { launchOptions: { executablePath, channel: 'moz-firefox' } }),
  }),
  instances: [{ browser: 'firefox' as const }],
}

export default defineConfig({
  test: {
    projects: [
      inBrowser('firefox', ['test/browser/deploys.test.ts', 'test/links/*.test.ts'], [], [], firefox),
    ],
  },
})
