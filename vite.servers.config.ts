import { defineConfig } from 'vitest/config'
import { inBrowser } from './vite.config.ts'

/** The tests of each kind of server: in Node, and real ones. Only with `npm run test:servers`, so that `npm test` stays under ten minutes. */
export default defineConfig({
  test: { projects: [inBrowser('servers', ['test/links/*.test.ts', 'test/servers/*.test.ts'], [])] },
})
