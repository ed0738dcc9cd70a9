/** Makes this dedicated worker look like the shared worker that holds its ports. Each message brings one. */

const scope = self as unknown as EventTarget & { onconnect: unknown; close(): void }
scope.onconnect = null
scope.close = () => self.postMessage('closed')
Object.defineProperty(self, 'location', {
  value: new URL(self.location.href.replace('rerun-inside.worker', 'rerun.worker')),
})
self.addEventListener('message', (event) => {
  const { ports } = event as MessageEvent
  scope.dispatchEvent(new MessageEvent('connect', { ports: [...ports] }))
})
