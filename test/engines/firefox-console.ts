import { type AddressInfo, connect, createServer } from 'node:net'

/** Runs scripts in the parent process of a Firefox, through its own debugger. WebDriver allows no second session beside Playwright's. */

interface Message {
  readonly from: string
  readonly type?: string
  readonly error?: string
  readonly message?: string
  readonly [more: string]: unknown
}

/** A port that no program listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

/** Preferences and arguments of a Firefox that listens for its debugger on this port. */
export const debuggerAt = (port: number) => ({
  args: [`--start-debugger-server=${port}`],
  firefoxUserPrefs: {
    'devtools.debugger.remote-enabled': true,
    'devtools.debugger.prompt-connection': false,
    'devtools.chrome.enabled': true,
  },
})

/** Connects to the debugger of a Firefox. The function that it returns runs a script, whose value must be JSON. */
export async function openFirefoxConsole(port: number): Promise<(script: string) => Promise<unknown>> {
  const socket = connect(port, '127.0.0.1')
  const waiting = new Set<(message: Message) => void>()
  let received = Buffer.alloc(0)
  // Each message is its length, a colon, and JSON.
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      const colon = received.indexOf(':')
      const end = colon + 1 + Number(received.subarray(0, colon))
      if (colon < 0 || received.length < end) return
      const message = JSON.parse(received.subarray(colon + 1, end).toString())
      received = received.subarray(end)
      for (const look of waiting) look(message)
    }
  })
  // The browser may end first.
  socket.on('error', () => {})
  socket.unref()

  const heard = (matches: (message: Message) => boolean) =>
    new Promise<Message>((resolve, reject) => {
      function look(message: Message) {
        if (!matches(message)) return
        waiting.delete(look)
        if (message.error) reject(new Error(`Firefox: ${message.error}: ${message.message}`))
        else resolve(message)
      }
      waiting.add(look)
    })
  function ask(to: string, type: string, more: object = {}) {
    const answer = heard((message) => message.from === to && message.type === undefined)
    const text = JSON.stringify({ to, type, ...more })
    socket.write(`${Buffer.byteLength(text)}:${text}`)
    return answer
  }

  await heard(({ from }) => from === 'root')
  async function findConsole(): Promise<string> {
    const { processDescriptor } = await ask('root', 'getProcess', { id: 0 })
    const { process } = await ask((processDescriptor as { actor: string }).actor, 'getTarget')
    return (process as { consoleActor: string }).consoleActor
  }
  let actor = await findConsole()
  return async (script) => {
    const id = Math.random().toString(36)
    const text = `(async () => ['${id}', await (${script})])().then(JSON.stringify, (error) => JSON.stringify(['${id}', null, String(error)]))`
    const evaluated = heard(({ type, result }) => type === 'evaluationResult' && String(result).includes(id))
    const evaluate = () => ask(actor, 'evaluateJSAsync', { text, mapped: { await: true } })
    // Firefox may have replaced its console meanwhile.
    await evaluate().catch(async () => {
      actor = await findConsole()
      await evaluate()
    })
    const [, value, error] = JSON.parse((await evaluated)['result'] as string)
    if (error) throw new Error(`Firefox: ${error}`)
    return value
  }
}
