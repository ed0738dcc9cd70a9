import { baseName } from '../../shared/names'
import type { TabSettings } from './tab'

/** The page whose process serves the worker of `rerun.worker.ts`. `tab.rerun` begins it anew. */

const settings = JSON.parse(new URL(location.href).searchParams.get('settings') ?? '{}') as TabSettings & {
  readonly connect: { readonly user: string }
}
const name = baseName(settings.connect.user)
const outside = new SharedWorker(settings.worker, {
  name,
  type: 'module',
  extendedLifetime: true,
} as WorkerOptions)
let inside: Worker | undefined

async function rerun() {
  inside?.terminate()
  inside = new Worker(settings.worker.replace('rerun.worker', 'rerun-inside.worker'), {
    name,
    type: 'module',
  })
  await new Promise((given) => {
    outside.port.onmessage = ({ data, ports }) => {
      if (data === 'given') return given(undefined)
      inside?.postMessage('connect', [...ports])
    }
    outside.port.postMessage('begin')
  })
}

await rerun()
Object.assign(window, { tab: { rerun } })
