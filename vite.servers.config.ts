import { defineConfig } from 'vitest/config'
import { inBrowser } from './vite.config.ts'

/** The tests with real servers, and the contract of every link, only with `npm run test:servers`. */
export default defineConfig({
  test: { projects: [inBrowser('servers', ['test/servers/*.test.ts'], [])] },
})
