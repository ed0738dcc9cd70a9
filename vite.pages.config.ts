import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { COMPONENTS, chromium, inBrowser } from './vite.config.ts'

/** How long a worker's successor may take is limited, so these tests have both cores. */
const SUCCESSION = 'sharing|deploys|lifetimes|rerun|successor|host-page|lost-worker'

const afterwards = (project: TestProjectInlineConfiguration): TestProjectInlineConfiguration => ({
  ...project,
  test: { ...project.test, sequence: { groupOrder: 2 } },
})

/**
 * Many pages of one user, and what the docs show, in a browser. Only with `npm run test:pages`, so that `npm test` stays under ten
 * minutes.
 */
export default defineConfig({
  test: {
    projects: [
      inBrowser('succession', [`test/pages/@(${SUCCESSION}).test.ts`], COMPONENTS, [], chromium),
      afterwards(inBrowser('pages', [`test/pages/!(${SUCCESSION}).test.ts`], COMPONENTS, [], chromium)),
      afterwards(
        inBrowser('docs', ['test/docs/browser/*.test.ts', 'test/docs/examples/*.browser.tsx'], COMPONENTS),
      ),
    ],
  },
})
