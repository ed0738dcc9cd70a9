import type { Tab } from './setup'

/** How a message of a page ended: with the server's answer, or by an error. */
export type Ending = { readonly answer: unknown } | { readonly reason: string; readonly message: string }

/** Sends a message from a tab. A tab's types are those of another dashboard. */
export const sendFrom = (
  tab: Tab,
  name: string,
  payload: unknown,
  options: { readonly timeout?: number; readonly keep?: true } = {},
): Promise<Ending> =>
  tab.run(
    ({ line }, ...message) =>
      line.send(...(message as unknown as Parameters<typeof line.send>)).then(
        (answer: unknown) => ({ answer }),
        ({ reason, message }) => ({ reason, message }),
      ),
    name,
    payload,
    options,
  )
