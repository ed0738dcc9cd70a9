import { ALOUD, type Complaint } from '../worker/aloud.ts'

/** From now on this page's console has what the worker complains of. */
export function hearWorker(): void {
  new BroadcastChannel(ALOUD).onmessage = ({ data: { level, words } }: MessageEvent<Complaint>) =>
    console[level](`In the worker: ${words}`)
}
