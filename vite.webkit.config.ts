import { defineConfig } from 'vitest/config'
import { webkit } from './test/engines/webkit/provider.ts'
import { COMPONENTS, inBrowser } from './vite.config.ts'

/** The browser suite in WebKitGTK. */

const browser = { provider: webkit(), instances: [{ browser: 'webkit' as const }] }

export default defineConfig({
  test: {
    projects: [
      inBrowser('webkit', ['test/browser/*.test.ts', 'test/links/*.test.ts', 'test/pages/*.test.ts'], COMPONENTS, [], browser),
    ],
  },
})
