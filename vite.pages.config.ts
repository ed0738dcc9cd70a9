import { defineConfig } from 'vitest/config'
import { COMPONENTS, chromium, inBrowser } from './vite.config.ts'

/**
 * Many pages of one user, and beside them what the docs show, in a browser. Only with `npm run test:pages`, so that `npm test` stays
 * under ten minutes.
 */
export default defineConfig({
  test: {
    projects: [
      inBrowser('pages', ['test/pages/*.test.ts'], COMPONENTS, [], chromium),
      inBrowser('docs', ['test/docs/browser/*.test.ts', 'test/docs/examples/*.browser.tsx'], COMPONENTS),
    ],
  },
})
