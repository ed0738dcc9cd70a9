import { defineConfig } from 'vitest/config'
import { inBrowser, REACT } from './vite.config.ts'

/** What the docs show, tried in a browser. Only with `npm run test:docs`, so that `npm test` stays under ten minutes. */
export default defineConfig({
  test: {
    projects: [inBrowser('docs', ['test/docs/browser/*.test.ts', 'test/docs/examples/*.browser.tsx'], REACT)],
  },
})
