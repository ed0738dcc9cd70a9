import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The same names a user imports, resolved to the sources. The longer name first: aliases match by prefix. */
const alias = [
  { find: /^partyline\/worker$/, replacement: here('./worker/index.ts') },
  { find: /^partyline$/, replacement: here('./src/index.ts') },
]

export default defineConfig({
  resolve: { alias },
  build: {
    target: 'es2022',
    sourcemap: true,
    lib: {
      formats: ['es'],
      entry: { index: here('./src/index.ts'), worker: here('./worker/index.ts') },
    },
  },
  test: {
    coverage: {
      provider: 'istanbul',
      include: ['src/**/*.ts', 'worker/**/*.ts'],
      reporter: ['text', 'html'],
      thresholds: { lines: 90 },
    },
    projects: [
      {
        resolve: { alias },
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node' },
      },
    ],
  },
})
