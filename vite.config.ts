import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_ARGUMENTS, findChromium } from './scripts/chromium.ts'
import { docsCommands } from './test/docs/browser/commands.ts'
import { commands } from './test/support/commands.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The same names a user imports, resolved to the sources. The longer name first: aliases match by prefix. */
const alias = [
  { find: /^partyline\/worker$/, replacement: here('./worker/index.ts') },
  { find: /^partyline\/inspector$/, replacement: here('./inspector/index.ts') },
  { find: /^partyline$/, replacement: here('./src/index.ts') },
]

const executablePath = findChromium()

const chromium = playwright({
  launchOptions: {
    ...(executablePath !== undefined && { executablePath }),
    args: CHROMIUM_ARGUMENTS,
    // Pages come back from the back/forward cache, as they do for users.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  },
})

/** A worker's script that is missing at first, as it is while a deployment is under way. */
const deployment: Plugin = {
  name: 'deployment',
  configureServer({ middlewares }) {
    const answered = new Map<string, number>()
    middlewares.use((request, response, next) => {
      const { url = '' } = request
      const fails = Number(/[?&]fails=(\d+)/.exec(url)?.[1] ?? 0)
      const times = answered.get(url) ?? 0
      if (times >= fails) return next()
      answered.set(url, times + 1)
      response.writeHead(503).end()
    })
  },
}

export default defineConfig({
  resolve: { alias },
  test: {
    coverage: {
      provider: 'istanbul',
      include: ['src/**/*.ts', 'worker/**/*.ts', 'inspector/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { lines: 90 },
    },
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/docs/*.test.ts', 'test/docs/examples/*.test.ts'],
          environment: 'node',
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        plugins: [deployment],
        server: { allowedHosts: ['plain.test'] },
        optimizeDeps: {
          include: ['comlink', 'socket.io-client', 'socket.io-parser', 'idb-keyval', '@tanstack/query-core', 'axe-core'],
        },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts', 'test/docs/browser/**/*.test.ts'],
          testTimeout: 30_000,
          fileParallelism: false,
          expect: { poll: { interval: 20, timeout: 5000 } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: chromium,
            commands: { ...commands, ...docsCommands },
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
