import * as parser from 'socket.io-parser'

/** A packet that remembers what it was on the wire. */
export interface Raw extends parser.Packet {
  /** Its length, in characters and bytes. */
  size?: number
  /** All of it, where it is text alone. */
  text?: string
}

/** Socket.IO's decoder, which lets packets remember what they were. */
class RememberingDecoder extends parser.Decoder {
  private size = 0
  private text: string | undefined

  constructor() {
    super()
    this.on('decoded', (packet: Raw) => {
      packet.size = this.size
      if (this.text !== undefined) packet.text = this.text
      this.size = 0
    })
  }

  override add(part: unknown) {
    this.size += typeof part === 'string' ? part.length : ((part as Partial<ArrayBuffer>).byteLength ?? 0)
    this.text = typeof part === 'string' ? part : undefined
    super.add(part)
  }
}

export const rememberingParser = { ...parser, Decoder: RememberingDecoder }
export const { PacketType } = parser
