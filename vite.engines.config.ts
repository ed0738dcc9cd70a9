import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { firefoxLaunch } from './test/engines/firefox.ts'
import { Recorder } from './test/engines/recorder.ts'
import { SUITE } from './test/engines/scenarios.ts'
import { webkit as webkitProvider } from './test/engines/webkit/provider.ts'
import { type Browser, chromium, inBrowser } from './vite.config.ts'

/** The whole browser suite in each engine: a project of the engine's name. `npm run test:engines` runs them one after another. */

const firefox: Browser = {
  provider: playwright({ launchOptions: await firefoxLaunch() }),
  instances: [{ browser: 'firefox' }],
  slowness: 2,
}

const webkit: Browser = {
  provider: webkitProvider(),
  instances: [{ browser: 'webkit' }],
  slowness: 2,
}

const ENGINES = { chromium, firefox, webkit }

export default defineConfig({
  test: {
    // A whole run is long, so each test is shown when it has ended.
    reporters: ['verbose', new Recorder()],
    projects: Object.entries(ENGINES).map(([name, browser]) =>
      inBrowser(
        name,
        SUITE.map((folder) => `${folder}/*.test.ts`),
        ['zod', 'valibot'],
        [],
        browser,
      ),
    ),
  },
})
