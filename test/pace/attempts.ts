import { type Attempt, readSettings } from './settings'

/** Reports each request and each WebSocket that the worker tries. */

const { report } = readSettings()
const send = fetch
function tried(what: Attempt) {
  void send(report, { method: 'POST', mode: 'no-cors', body: what }).catch(() => {})
}

globalThis.fetch = (...all) => {
  tried('http')
  return send(...all)
}
globalThis.WebSocket = class extends WebSocket {
  constructor(...all: ConstructorParameters<typeof WebSocket>) {
    super(...all)
    tried('websocket')
  }
}
const open = XMLHttpRequest.prototype.open as (...all: unknown[]) => void
XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, ...all: unknown[]) {
  tried('http')
  open.apply(this, all)
}
