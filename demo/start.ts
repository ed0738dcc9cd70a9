import { buildSite } from './build.ts'
import { createSupervisor } from './supervisor.ts'

/** `npm run demo`: builds the page, and starts the server that serves it. */

const PORT = Number(process.env['PORT'] ?? 4173)
if (!Number.isInteger(PORT) || PORT < 0 || PORT > 65_535) {
  console.error(`PORT is "${process.env['PORT']}"; it must be a whole number from 0 to 65535.`)
  process.exit(1)
}

const site = await buildSite()
const supervisor = createSupervisor({
  site: site.folder,
  port: PORT,
  log: console.log,
  onFailed(reason) {
    console.error(reason)
    void close(1)
  },
})

async function close(code: number) {
  await supervisor.close()
  await site.remove()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close(0))

const port = await supervisor.start()
console.log(
  `\n  Partyline demo: http://localhost:${port}/\n\n  Open it in several tabs, and break it. Press Ctrl-C to stop it.\n`,
)
