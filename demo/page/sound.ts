/** The two tones of the bell, in Hz. */
const TONES = [880, 1318.5]
const VOLUME = 0.1
/** How long it sounds, in s. */
const LENGTH = 0.7

/** The sound of a bell. */
export function createSound() {
  let context: AudioContext | undefined
  let silentFrom = 0

  return {
    /** Browsers allow no sound before the user has pressed something in this page. */
    isAllowed: () => navigator.userActivation.hasBeenActive,
    play() {
      context ??= new AudioContext()
      // One bell at a time: many errors may come at once.
      const now = context.currentTime
      if (now < silentFrom) return
      silentFrom = now + LENGTH / 2
      const volume = new GainNode(context, { gain: 0 })
      volume.gain.linearRampToValueAtTime(VOLUME, now + 0.01)
      volume.gain.exponentialRampToValueAtTime(0.001, now + LENGTH)
      volume.connect(context.destination)
      for (const frequency of TONES) {
        const tone = new OscillatorNode(context, { type: 'sine', frequency })
        tone.connect(volume)
        tone.start(now)
        tone.stop(now + LENGTH)
      }
    },
  }
}
