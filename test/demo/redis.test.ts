import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { launchBrowser, openTab, startDemo } from './demo'

/** These tests need Redis on this machine, for example from `apt-get install redis-server`. */
const hasRedis = spawnSync('redis-server', ['--version']).status === 0

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startRedis(): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort()
  const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'pipe',
  })
  await new Promise<void>((resolve, reject) => {
    redis.stdout.on('data', (chunk) => String(chunk).includes('Ready to accept connections') && resolve())
    redis.once('exit', (code) => reject(new Error(`Redis ended with code ${code}.`)))
  })
  return { url: `redis://127.0.0.1:${port}`, process: redis }
}

test.skipIf(!hasRedis)(
  'with Redis a session and acknowledgements outlive the server: after a stop no event is missing, and no gap is reported',
  async () => {
    const redis = await startRedis()
    const demo = await startDemo(0, { REDIS_URL: redis.url })
    const browser = await launchBrowser()
    try {
      const tab = await openTab(await browser.newContext(), `${demo.url}/#errors`)
      await tab.shows('live')
      await expect.poll(() => tab.panel.innerText()).toContain('just now')
      await tab.panel
        .getByRole('button', { name: /^Acknowledge: / })
        .nth(1)
        .click()
      await tab.panel.getByText('✓ in this tab').waitFor()
      const { startedAt } = await demo.counts()
      await tab.press('Stop the server', 5)
      expect(await tab.verdict('Stop the server')).toMatch(/^As expected[\s\S]*session recovered/)
      const after = await demo.counts()
      expect(after.startedAt).toBeGreaterThan(startedAt)
      expect(after).toMatchObject({ acknowledged: 1, repeats: 0 })
      expect(await tab.badge.innerText()).toContain('session recovered')
      expect(await tab.page.locator('.line-events').innerText()).not.toContain('gap')
      await tab.shows('live')
      // No time in a chart is hatched: the events of the time without a server have come too.
      await expect.poll(() => tab.page.locator('.missing rect').count()).toBe(0)
      await tab.press('Burst of events', 200)
      expect(await tab.verdict('Burst of events')).toMatch(/^As expected/)
    } finally {
      await browser.close()
      await demo.stop()
      redis.process.kill()
    }
  },
)

test.skipIf(!hasRedis)('if the connection to Redis is lost, the demo ends with an error', async () => {
  const redis = await startRedis()
  const demo = await startDemo(0, { REDIS_URL: redis.url })
  redis.process.kill('SIGKILL')
  expect(await demo.ended).toBe(1)
  expect(demo.output()).toContain(`The connection to Redis at "${redis.url}" was lost`)
})
