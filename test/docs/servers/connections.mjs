import { Server } from 'node:http'

/**
 * Loaded into a server before its own file (`node --import`): reports to the parent process each Socket.IO connection
 * that begins, is upgraded or ends, and where it came from.
 */

const startedAt = Date.now()
let count = 0

function watch(request, what) {
  const { url, headers, socket } = request
  if (!url?.startsWith('/socket.io')) return
  count += 1
  const number = count
  const report = (text) => process.send?.(`${Date.now() - startedAt} ms, ${what} ${number}: ${text}`)
  report(`${url} from port ${socket.remotePort}, page ${headers.origin}`)
  socket.once('close', () => report('the TCP connection closed'))
}

const { emit } = Server.prototype
Server.prototype.emit = function (event, ...args) {
  if (event === 'request') watch(args[0], 'request')
  if (event === 'upgrade') watch(args[0], 'WebSocket')
  return emit.call(this, event, ...args)
}
