/** An event of a stream, as the HTML standard describes it. */
export interface StreamEvent {
  /** The field `event`; empty where there is none. */
  readonly name: string
  readonly data: string
  /** The last id that the stream has named so far. */
  readonly id: string
}

/** The most characters of an event, or a line, that is not complete. */
const LARGEST = 16_000_000

/** Reads the text of a stream piece by piece. */
export interface EventStream {
  /** Returns the events that this piece completes. Throws if what is not complete grows too large. */
  read(piece: string): readonly StreamEvent[]
  /** The id of the last complete block. A block without data is no event, but may have an id. */
  lastId(): string
}

/** Continues after the event with this id. The text comes without a byte order mark. */
export function createEventStream(startId: string): EventStream {
  let lastId = startId
  let id = startId
  let name = ''
  let data: string[] = []
  /** The characters of the lines in `data`. */
  let size = 0
  /** The beginning of a line that is not complete. */
  let rest = ''
  /** Whether the last piece ended with `\r`: a `\n` belongs to it. */
  let isCut = false

  function take(line: string): StreamEvent | undefined {
    if (line === '') {
      const event = data.length > 0 ? { name, data: data.join('\n'), id } : undefined
      lastId = id
      name = ''
      data = []
      size = 0
      return event
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') name = value
    if (field === 'data') {
      data.push(value)
      size += line.length
    }
    if (field === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return {
    read(piece) {
      if (piece === '') return []
      const lines = (isCut ? piece.replace(/^\n/, '') : piece).split(/\r\n|\r|\n/)
      isCut = piece.endsWith('\r')
      lines[0] = rest + lines[0]
      rest = lines.pop() ?? ''
      const events = lines.flatMap((line) => take(line) ?? [])
      if (size + rest.length > LARGEST)
        throw new RangeError(`The server sent an event of more than ${LARGEST} characters.`)
      return events
    },
    lastId: () => lastId,
  }
}
