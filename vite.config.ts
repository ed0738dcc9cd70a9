import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import type { Plugin } from 'vite'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { BrowserConfigOptions } from 'vitest/node'
import { CHROMIUM_ARGUMENTS, findChromium, findHeadlessShell } from './scripts/chromium.ts'
import { SOURCES } from './scripts/sources.ts'
import { docsCommands } from './test/docs/browser/commands.ts'
import { serverCommands } from './test/servers/commands.ts'
import { bundles } from './test/support/bundles.ts'
import { commands, isMissing } from './test/support/commands.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** React, and what the tests render with, as it was before version 19. */
const react18 = [
  { find: /^react(?=\/|$)/, replacement: 'react-18' },
  { find: /^react-dom(?=\/|$)/, replacement: 'react-dom-18' },
]

/** The browser that tests run in, and what starts it. */
export interface Browser extends Pick<BrowserConfigOptions, 'provider' | 'instances'> {
  /** How much longer than in Chromium a test may take, and wait for something. @default 1 */
  readonly slowness?: number
}

const chromiumAt = (executablePath: string | undefined): Browser => ({
  provider: playwright({
    launchOptions: {
      ...(executablePath !== undefined && { executablePath }),
      args: CHROMIUM_ARGUMENTS,
      // Pages come back from the back/forward cache, as they do for users.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    },
  }),
  instances: [{ browser: 'chromium' }],
})

/** As users have it: pages go into the back/forward cache, and are frozen. */
export const chromium = chromiumAt(findChromium())

/** For tests that need neither: it starts pages faster. */
const headlessShell = chromiumAt(findHeadlessShell())

/** A worker's script that is missing at first, as it is while a deployment is under way, or that is removed later. */
const deployment: Plugin = {
  name: 'deployment',
  configureServer({ middlewares }) {
    const answered = new Map<string, number>()
    middlewares.use((request, response, next) => {
      const { url = '' } = request
      const fails = Number(/[?&]fails=(\d+)/.exec(url)?.[1] ?? 0)
      const times = answered.get(url) ?? 0
      if (times >= fails && !isMissing(url)) return next()
      answered.set(url, times + 1)
      response.writeHead(503).end()
    })
  },
}

/** Tests in a real browser of their own, with what is bundled for it from the start: found later, it would be loaded anew half-way. */
export const inBrowser = (
  name: string,
  include: readonly string[],
  libraries: readonly string[],
  instead: readonly { find: RegExp; replacement: string }[] = [],
  { slowness = 1, ...browser } = headlessShell,
): TestProjectInlineConfiguration => ({
  cacheDir: here(`./node_modules/.vite/${name}`),
  resolve: { alias: [...SOURCES, ...instead] },
  plugins: [deployment, bundles],
  server: { allowedHosts: ['plain.test'] },
  optimizeDeps: { include: ['comlink', 'socket.io-client', 'socket.io-parser', 'idb-keyval', ...libraries] },
  test: {
    name,
    include: [...include],
    // Far more than any test needs: a busy machine is no failure.
    testTimeout: 120_000 * slowness,
    fileParallelism: false,
    // After what needs a whole core: limits of time would be missed.
    sequence: { groupOrder: 1 },
    expect: { poll: { interval: 20, timeout: 30_000 * slowness } },
    ...(slowness > 1 && { provide: { slowness }, setupFiles: [here('./test/engines/patience.ts')] }),
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      ...browser,
      // Vitest changes these objects, so each project needs its own copies.
      instances: browser.instances?.map((instance) => ({ ...instance })) ?? [],
      commands: { ...commands, ...docsCommands, ...serverCommands },
    },
  },
})

const REACT = [
  'react',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-dom/client',
  'react-dom/server.browser',
  'react-refresh/runtime',
]

/** What components are built with. */
export const COMPONENTS = [...REACT, 'vue', 'svelte/store', '@tanstack/query-core', 'axe-core']

export default defineConfig({
  resolve: { alias: SOURCES },
  test: {
    // Left alone, Vitest does not use one of the cores.
    maxWorkers: '100%',
    pool: 'threads',
    coverage: {
      provider: 'istanbul',
      include: ['shared/**/*.ts', 'src/**/*.{ts,tsx}', 'worker/**/*.ts', 'inspector/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { lines: 90 },
    },
    projects: [
      {
        resolve: { alias: SOURCES },
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}', 'test/docs/*.test.ts', 'test/docs/examples/*.test.ts'],
          environment: 'node',
          setupFiles: ['test/unit/setup.ts'],
          // Compilers and fleets take their time on a busy machine.
          testTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'demo',
          include: ['test/demo/**/*.test.ts'],
          environment: 'node',
          testTimeout: 90_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          expect: { poll: { interval: 50, timeout: 10_000 } },
        },
      },
      inBrowser('browser', ['test/browser/!(recovery|reload|restore).test.ts'], ['zod', 'valibot']),
      // What stands on a line, and what outlives a worker.
      inBrowser(
        'components',
        ['test/components/*.test.{ts,tsx}', 'test/browser/@(recovery|reload|restore).test.ts'],
        COMPONENTS,
      ),
      inBrowser('react-18', ['test/components/react.test.tsx'], REACT, react18),
    ],
  },
})
