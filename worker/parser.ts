import * as parser from 'socket.io-parser'

/** A packet that says how long it was on the wire, in characters and bytes. */
export interface Sized extends parser.Packet {
  size?: number
}

/** Socket.IO's decoder, which notes the size of each packet. */
class SizingDecoder extends parser.Decoder {
  private size = 0

  constructor() {
    super()
    this.on('decoded', (packet: Sized) => {
      packet.size = this.size
      this.size = 0
    })
  }

  override add(part: unknown) {
    this.size += typeof part === 'string' ? part.length : ((part as Partial<ArrayBuffer>).byteLength ?? 0)
    super.add(part)
  }
}

export const sizingParser = { ...parser, Decoder: SizingDecoder }
export const { PacketType } = parser
