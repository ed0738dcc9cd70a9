import { fileURLToPath } from 'node:url'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Resolves the names that a user imports to the sources. */
export const SOURCES = [
  { find: /^partyline\/worker\/websocket$/, replacement: here('../worker/entries/websocket.ts') },
  { find: /^partyline\/worker\/action-cable$/, replacement: here('../worker/entries/action-cable.ts') },
  { find: /^partyline\/worker\/sse$/, replacement: here('../worker/entries/sse.ts') },
  { find: /^partyline\/worker\/link$/, replacement: here('../worker/entries/link.ts') },
  { find: /^partyline\/worker$/, replacement: here('../worker/index.ts') },
  { find: /^partyline\/inspector$/, replacement: here('../inspector/index.ts') },
  { find: /^partyline\/react$/, replacement: here('../src/react/index.ts') },
  { find: /^partyline\/testing\/link$/, replacement: here('../worker/testing/index.ts') },
  { find: /^partyline\/testing$/, replacement: here('../src/testing/index.ts') },
  { find: /^partyline$/, replacement: here('../src/index.ts') },
]
