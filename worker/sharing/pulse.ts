import { exactly, isBoolean, object, text } from '../checks'

/** What the worker that serves says at each beat. */
export interface Beat {
  readonly type: 'beat'
  /** The lock of the worker that serves. */
  readonly from: string
  /** Whether a worker whose page is in front should serve instead. */
  readonly yields: boolean
}

/** How often the worker that serves says so, in ms. */
const BEAT = 400
/** After this long without a beat, in ms, it hangs, or its tab is frozen. */
const SILENCE = 1200
/** After this long without a beat of its own, in ms, the worker that serves cannot know whether it still does. */
const STALL = 1000

export interface PulseParts {
  /** The name of the channel on which it beats. */
  readonly channel: string
  readonly beat: () => Beat
  readonly heard: (beat: Beat) => void
  /** The worker that serves has not said so for `SILENCE`. */
  readonly silent: () => void
  /** This worker serves, and has stood still for so long that another one may have taken its place. */
  readonly stalled: () => void
}

/** The signs of life of the worker that serves. */
export interface Pulse {
  /** Beats from now on: this worker serves, and others listen. */
  beat(): void
  /** Listens from now on, because another worker serves. */
  listen(): void
  /** Does neither: no other worker is known. */
  rest(): void
  /** Whether this worker beats, and has not done so in time. Calls `stalled` if so. */
  hasStalled(): boolean
}

export function createPulse({ heard, silent, stalled, ...parts }: PulseParts): Pulse {
  const channel = new BroadcastChannel(parts.channel)
  let beating: ReturnType<typeof setInterval> | undefined
  let listening: ReturnType<typeof setTimeout> | undefined
  let beatAt = 0

  function hasStalled(): boolean {
    if (beating === undefined || performance.now() - beatAt <= STALL) return false
    stalled()
    return true
  }

  function send() {
    hasStalled()
    beatAt = performance.now()
    channel.postMessage(parts.beat())
  }

  function rest() {
    clearInterval(beating)
    clearTimeout(listening)
    beating = undefined
    listening = undefined
  }

  /** Waits for the next beat. Where the timer itself is late, this worker stood still, and the beats wait behind it. */
  function wait(due = performance.now() + SILENCE) {
    clearTimeout(listening)
    listening = setTimeout(() => {
      if (performance.now() > due + BEAT) wait()
      else silent()
    }, due - performance.now())
  }

  channel.onmessage = ({ data }) => {
    if (listening === undefined || !isBeat(data)) return
    wait()
    heard(data)
  }

  return {
    beat() {
      if (beating !== undefined) return
      rest()
      beatAt = performance.now()
      beating = setInterval(send, BEAT)
      send()
    },
    listen() {
      rest()
      wait()
    },
    rest,
    hasStalled,
  }
}

const isBeat = object({ type: exactly('beat'), from: text(), yields: isBoolean }) as (
  value: unknown,
) => value is Beat
