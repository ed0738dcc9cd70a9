/** What the worker files of these tests have in common. They read their options from their own address. */

const query = new URL(location.href).searchParams

/** The test's options of `serve`, except for those that are functions. */
export interface WorkerSettings {
  /** The address of the server. */
  readonly server: string
  /** Where tokens are fetched. */
  readonly tokenUrl?: string
  /** Asks the server for what was missed. */
  readonly resumes?: boolean
}

const {
  server,
  tokenUrl,
  resumes = false,
  ...options
} = JSON.parse(query.get('options') ?? '{}') as WorkerSettings

export { resumes, server }

/** What pages may send, for every kind of server but streams. */
export const sends = ['echo', 'refuse', 'ignore']
/** The room over which they send, where each has a connection or a channel of its own. */
export const sendTo = () => 'tmux'

/** The options that are the same for every kind of server. */
export const common = {
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
  },
  ...options,
  ...(tokenUrl !== undefined && { token: () => fetch(tokenUrl) }),
}

// A test ends the worker by this.
new BroadcastChannel(`worker ${query.get('test')}`).onmessage = ({ data }) => {
  if (data === 'die') close()
}
