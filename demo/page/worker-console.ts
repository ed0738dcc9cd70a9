import { CONSOLE_CHANNEL, type ConsoleMessage } from '../worker/console.ts'

/** Shows the worker's warnings and errors on this page's console. */
export function showWorkerConsole(): void {
  new BroadcastChannel(CONSOLE_CHANNEL).onmessage = ({
    data: { level, text },
  }: MessageEvent<ConsoleMessage>) => console[level](`In the worker: ${text}`)
}
