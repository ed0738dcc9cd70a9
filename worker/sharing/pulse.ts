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
export const SILENCE = 1200
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
  /** Whether this worker beats, and has not done so in time. Calls `stalled` if so, and beats if that is due. */
  hasStalled(): boolean
  /** The worker that serves has sent something else, so it is alive. */
  isHeard(): void
}

export function createPulse({ heard, silent, stalled, ...parts }: PulseParts): Pulse {
  const channel = new BroadcastChannel(parts.channel)
  let beating: ReturnType<typeof setInterval> | undefined
  let listening: ReturnType<typeof setTimeout> | undefined
  /** When this worker has last beaten, or last heard of the one that serves. */
  let at = 0

  const since = () => performance.now() - at

  function send() {
    if (since() > STALL) stalled()
    at = performance.now()
    channel.postMessage(parts.beat())
  }

  function rest() {
    clearInterval(beating)
    clearTimeout(listening)
    beating = undefined
    listening = undefined
  }

  const isHeard = () => {
    at = performance.now()
  }

  /** Where the timer itself is late, this worker stood still, and the beats wait behind it. */
  function wait(ms: number) {
    const due = performance.now() + ms
    listening = setTimeout(() => {
      if (performance.now() > due + BEAT) isHeard()
      const left = SILENCE - since()
      if (left > 0) wait(left)
      else silent()
    }, ms)
  }

  channel.onmessage = ({ data }) => {
    if (listening === undefined || !isBeat(data)) return
    isHeard()
    heard(data)
  }

  return {
    beat() {
      if (beating !== undefined) return
      rest()
      isHeard()
      beating = setInterval(send, BEAT)
      send()
    },
    listen() {
      rest()
      isHeard()
      wait(SILENCE)
    },
    rest,
    hasStalled() {
      const late = beating === undefined ? 0 : since()
      if (late > STALL) {
        isHeard()
        stalled()
      }
      // The timer comes after the messages that wait, and these may be many.
      else if (late > BEAT) send()
      return late > STALL
    },
    isHeard,
  }
}

const isBeat = object({ type: exactly('beat'), from: text(), yields: isBoolean }) as (
  value: unknown,
) => value is Beat
