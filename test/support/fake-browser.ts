import { onTestFinished, vi } from 'vitest'

/** What the workers of one browser share, simulated so that a worker can end, or hear of nothing any more: locks, and channels. */

interface Request {
  readonly owner: string
  readonly grant: () => void
}

interface Held {
  readonly owner: string
  readonly rob: () => void
}

/** How long a message, or an answer about a lock, takes, in ms. */
const WAY = 1

export function createFakeBrowser() {
  const held = new Map<string, Held>()
  const queues = new Map<string, Request[]>()
  const members = new Set<{ owner: string; name: string; onmessage?: (event: { data: unknown }) => void }>()
  const ended = new Set<string>()
  const silenced = new Set<string>()
  const lags = new Map<string, number>()
  let opening = ''

  function next(name: string) {
    held.delete(name)
    const [first, ...others] = queues.get(name) ?? []
    queues.set(name, others)
    first?.grant()
  }

  const later = (owner: string, act: () => void) =>
    setTimeout(
      () => {
        if (!ended.has(owner)) act()
      },
      WAY + (lags.get(owner) ?? 0),
    )

  function take(
    owner: string,
    name: string,
    act: (lock: Lock | null) => unknown,
    robbed: () => void,
    released: () => void,
  ) {
    const own: Held = { owner, rob: () => later(owner, robbed) }
    held.set(name, own)
    later(owner, () => {
      const release = () => {
        if (silenced.has(owner)) return
        if (held.get(name) === own) next(name)
        released()
      }
      void Promise.resolve(act({} as Lock)).then(release)
    })
  }

  const locksOf = (owner: string) =>
    ({
      query: async () => ({ held: [...held].map(([name, { owner: clientId }]) => ({ name, clientId })) }),
      request: (name: string, options: LockOptions, act: (lock: Lock | null) => unknown) =>
        new Promise<void>((resolve, reject) => {
          if (ended.has(owner)) return
          const abort = () => reject(new DOMException('robbed', 'AbortError'))
          const before = held.get(name)
          if (options.steal) before?.rob()
          if (options.steal || !before) return take(owner, name, act, abort, resolve)
          if (options.ifAvailable) return later(owner, () => resolve(act(null) as undefined))
          const waiting = { owner, grant: () => take(owner, name, act, abort, resolve) }
          queues.set(name, [...(queues.get(name) ?? []), waiting])
          options.signal?.addEventListener('abort', () =>
            queues.set(
              name,
              (queues.get(name) ?? []).filter((each) => each !== waiting),
            ),
          )
        }),
    }) as unknown as LockManager

  vi.stubGlobal(
    'BroadcastChannel',
    class {
      owner = opening
      onmessage?: (event: { data: unknown }) => void
      constructor(readonly name: string) {
        members.add(this)
      }
      postMessage(value: unknown) {
        const data = structuredClone(value)
        if (!members.has(this)) return
        for (const each of members)
          if (each !== this && each.name === this.name)
            setTimeout(
              () => members.has(each) && each.onmessage?.({ data }),
              WAY + (lags.get(each.owner) ?? 0),
            )
      }
      close() {
        members.delete(this)
      }
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())

  /** From now on that worker neither hears nor is heard, and releases no lock. */
  function silence(owner: string) {
    silenced.add(owner)
    for (const each of members) if (each.owner === owner) members.delete(each)
  }

  return {
    locksOf,
    silence,
    /** Messages, and answers about locks, come to that worker this much later, in ms. */
    lag: (owner: string, ms: number) => void lags.set(owner, ms),
    /** The names of the open channels. */
    channels: () => [...members].map(({ name }) => name),
    /** Channels that are opened meanwhile belong to that worker. */
    as<T>(owner: string, act: () => T): T {
      opening = owner
      return act()
    },
    /** Ends a worker, as closing its page does. */
    end(owner: string) {
      ended.add(owner)
      silence(owner)
      for (const [name, queue] of queues)
        queues.set(
          name,
          queue.filter((each) => each.owner !== owner),
        )
      for (const [name, { owner: holder }] of held) if (holder === owner) next(name)
    },
  }
}
