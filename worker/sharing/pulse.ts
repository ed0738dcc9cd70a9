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
export const SILENCE = 1500
/**
 * After this long without a beat of its own, in ms, the worker that serves cannot know whether it still does. Timers of a page in the
 * background may run once a second.
 */
const STALL = 1300
/** A worker that knows of no other keeps its place, but what came while its tab was frozen is lost. A busy one may stand still this long, in ms. */
const STALL_ALONE = 4000

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
  /** This worker serves from now on. */
  serve(): void
  /** Beats from now on, because others listen. Calls `stalled` if this worker has stood still. */
  beat(): void
  /** Listens from now on, because another worker serves. */
  listen(): void
  /** Whether this worker serves, and has stood still. Calls `stalled` if so, and beats if that is due. */
  hasStalled(): boolean
  /** Restarts the silence timer, because the worker that serves has sent something else. */
  markAlive(): void
  /** Whether nobody was heard for longer than `SILENCE`, and this worker has not noticed: it stood still. */
  isLate(): boolean
}

export function createPulse({ heard, silent, stalled, ...parts }: PulseParts): Pulse {
  const channel = new BroadcastChannel(parts.channel)
  let serving: ReturnType<typeof setInterval> | undefined
  let isBeating = false
  let listening: ReturnType<typeof setTimeout> | undefined
  /** When this worker was last seen to run, if it serves; or when it last heard of the one that serves. */
  let at = 0

  const since = () => performance.now() - at

  /** Returns whether this worker stood still. */
  function tick(): boolean {
    const stoodStill = since() > (isBeating ? STALL : STALL_ALONE)
    markAlive()
    if (stoodStill) stalled()
    if (isBeating) channel.postMessage(parts.beat())
    return stoodStill
  }

  function rest() {
    clearInterval(serving)
    clearTimeout(listening)
    serving = undefined
    listening = undefined
    isBeating = false
  }

  const markAlive = () => {
    at = performance.now()
  }

  /** Where the timer itself is late, this worker stood still, and the beats wait behind it. */
  function wait(ms: number) {
    const due = performance.now() + ms
    listening = setTimeout(() => {
      if (performance.now() > due + BEAT) markAlive()
      const left = SILENCE - since()
      if (left > 0) wait(left)
      else silent()
    }, ms)
  }

  channel.onmessage = ({ data }) => {
    if (listening === undefined || !isBeat(data)) return
    markAlive()
    heard(data)
  }

  return {
    serve() {
      rest()
      markAlive()
      serving = setInterval(tick, BEAT)
    },
    beat() {
      if (isBeating && since() <= BEAT) return
      isBeating = true
      tick()
    },
    listen() {
      rest()
      markAlive()
      wait(SILENCE)
    },
    // The timer comes after the messages that wait, and these may be many.
    hasStalled: () => serving !== undefined && since() > BEAT && tick(),
    markAlive,
    isLate: () => since() > SILENCE + BEAT,
  }
}

const isBeat = object({ type: exactly('beat'), from: text(), yields: isBoolean }) as (
  value: unknown,
) => value is Beat
