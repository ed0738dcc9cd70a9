import { type Failure, PartylineError } from '../../shared/errors'

/** Whether the browser may keep this worker from its server, because the user has not let the site reach the local network. */
export interface LocalNetwork {
  /** Returns the error if the browser may block this address, otherwise `undefined`. `address` may throw. */
  obstacle(address: () => string): Failure | undefined
}

export interface LocalNetworkParts {
  /** The worker's own address. */
  readonly here: string
  /** Absent where the browser has none. */
  readonly permissions: Pick<Permissions, 'query'> | undefined
  /** The user has given a permission. */
  readonly granted: () => void
  /** Reports an obstacle, once for each state of the permission. */
  readonly report: (failure: Failure) => void
}

/** The permission that an address needs: none, one for the local network, one for this machine. */
const PERMISSIONS = ['', 'local-network', 'loopback-network'] as const
const LOOPBACK = /^(127|0)\.[\d.]+$|^\[::1\]$|(^|\.)localhost$/
/** Private addresses, and names that only a local network has. */
const LOCAL =
  /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$|^\[f([cd]|e[89ab])|^[^.:]+$|\.(local|lan|internal|home\.arpa)$/

/** How near an address is, as an index of `PERMISSIONS`. Other names may have a local address, too: a worker cannot see that. */
const nearness = ({ hostname }: URL) => (LOOPBACK.test(hostname) ? 2 : LOCAL.test(hostname) ? 1 : 0)

/**
 * Chrome 147+ lets a site reach an address that is nearer than the site's own only with the user's permission. A shared worker
 * cannot make the browser ask for it: each attempt fails at once, and looks as if the server were away.
 */
export function createLocalNetwork({ here, permissions, granted, report }: LocalNetworkParts): LocalNetwork {
  const own = nearness(new URL(here.replace(/^blob:/, '')))
  const found = new Map<string, PermissionStatus>()
  let reported = ''
  for (const name of PERMISSIONS.slice(own + 1)) {
    permissions?.query({ name: name as PermissionName }).then(
      (status) => {
        found.set(name, status)
        status.onchange = () => status.state === 'granted' && granted()
      },
      // A browser that does not know the permission needs none.
      () => {},
    )
  }

  return {
    obstacle(address) {
      try {
        const url = new URL(address(), here)
        const near = nearness(url)
        const name = PERMISSIONS[near] ?? ''
        const state = near > own ? found.get(name)?.state : undefined
        if (!state || state === 'granted') return undefined
        const remedy =
          state === 'prompt'
            ? 'Request this address from a page, by fetch(), so that the browser asks the user.'
            : "Only the user can change that, in the browser's settings for this site, and only on https."
        const failure = new PartylineError(
          'local-network',
          `"${url.origin}" cannot be reached. The browser may block it: this site's permission "${name}" is "${state}". ${remedy}`,
        ).toJSON()
        if (reported !== state) report(failure)
        reported = state
        return failure
      } catch {
        return undefined
      }
    },
  }
}
