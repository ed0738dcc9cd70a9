/** An event of a stream, as the HTML standard describes it. */
export interface StreamEvent {
  /** The field `event`; empty where there is none. */
  readonly name: string
  readonly data: string
  /** The last id that the stream has named so far. */
  readonly id: string
}

/** Reads the text of a stream piece by piece. */
export interface EventStream {
  /** Returns the events that this piece completes. */
  read(piece: string): readonly StreamEvent[]
}

/** Continues after the event with this id. */
export function createEventStream(lastId: string): EventStream {
  let id = lastId
  let name = ''
  let data: string[] = []
  /** The beginning of a line that is not complete. */
  let rest = ''
  let isFirst = true

  function take(line: string): StreamEvent | undefined {
    if (line === '') {
      const event = data.length > 0 ? { name, data: data.join('\n'), id } : undefined
      name = ''
      data = []
      return event
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') name = value
    if (field === 'data') data.push(value)
    if (field === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return {
    read(piece) {
      const text = rest + (isFirst ? piece.replace(/^\uFEFF/, '') : piece)
      isFirst = false
      // A `\r` at the end may be the first half of a line's end.
      const end = text.endsWith('\r') ? text.length - 1 : text.length
      const lines = text.slice(0, end).split(/\r\n|\r|\n/)
      rest = (lines.pop() ?? '') + text.slice(end)
      return lines.flatMap((line) => take(line) ?? [])
    },
  }
}
