import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Calls, Question } from './main'

export interface BenchServer {
  readonly url: string
  call<Name extends keyof Calls>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>>
  close(): void
}

/** Starts the server in its own process. It ends with this process. */
export async function startServer(root: string): Promise<BenchServer> {
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [root])
  const pending = new Map<number, (answer: Answer) => void>()
  const ask = (question: Question) =>
    new Promise<unknown>((resolve, reject) => {
      pending.set(question.id, (answer) => {
        if ('error' in answer) reject(new Error(`The benchmark server failed: ${answer.error}`))
        else resolve(answer.value)
      })
      child.send(question)
    })
  const up = new Promise<void>((resolve, reject) => {
    pending.set(0, () => resolve())
    child.once('exit', (code) =>
      reject(new Error(`The benchmark server exited with ${code} before it was ready.`)),
    )
  })
  child.on('message', (answer: Answer) => {
    pending.get(answer.id)?.(answer)
    pending.delete(answer.id)
  })
  let lastId = 0
  const call = (name: keyof Calls, ...args: readonly unknown[]) => {
    lastId += 1
    return ask({ id: lastId, name, args })
  }
  await up
  return {
    url: `http://127.0.0.1:${await call('port')}`,
    call: call as BenchServer['call'],
    close: () => void child.kill(),
  }
}
