import { vi } from 'vitest'

/** A WebSocket whose server is the test. Minutes of silence, and a server that hangs, cannot be had otherwise. */
export class FakeWebSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static made: FakeWebSocket[] = []
  readyState = 0
  readonly sent: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  /** Whether the server is away. */
  static isAway = false
  /** Whether the server accepts connections, and says nothing. */
  static hangs = false
  constructor(readonly url: string) {
    FakeWebSocket.made.push(this)
    setTimeout(() => {
      if (FakeWebSocket.hangs) return
      if (FakeWebSocket.isAway) return this.onclose?.({ code: 1006, reason: '' })
      this.readyState = FakeWebSocket.OPEN
      this.onopen?.()
    }, 1)
  }
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.readyState = 2
  }
  receive(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

/** The one that was made last. */
export const latestWebSocket = () => FakeWebSocket.made.at(-1) as FakeWebSocket

/** From now on a new `WebSocket` is a fake one, and its server is there and answers. */
export function stubWebSocket(): void {
  vi.stubGlobal('WebSocket', FakeWebSocket)
  FakeWebSocket.made = []
  FakeWebSocket.isAway = false
  FakeWebSocket.hangs = false
}
