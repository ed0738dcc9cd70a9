import { PartylineError } from '../../shared/errors'
import type { CreateKept, Kept, KeptParts } from './kept'
import type { Permits } from './permits'
import { createSender, type Delivery, type Sender, type SenderParts } from './sender'

export interface SendsParts
  extends Omit<SenderParts, 'connection'>,
    Omit<KeptParts, 'connection' | 'deliver'> {
  readonly connection: SenderParts['connection'] & KeptParts['connection']
  readonly permits: Permits
  /** Absent where the server acknowledges nothing. */
  readonly createKept?: CreateKept
}

/** The messages of pages to a server that can be sent something. */
export interface Sends extends Omit<Sender, 'deliver'> {
  /**
   * Sends a message that pages may send, and resolves to the server's answer; with an id to keep it under, to that id once it is
   * kept. Rejects as `Sender` and `Kept` do.
   */
  send(delivery: Delivery, keep?: string): Promise<unknown>
  /** Absent where the server acknowledges nothing. */
  readonly kept: Kept | undefined
}

export function createSends({ permits, createKept, ...parts }: SendsParts): Sends {
  const sender = createSender(parts)
  const deliver = async ({ name, payload, ...rest }: Delivery) =>
    sender.deliver({ name, payload: permits.admit(name, payload), ...rest })
  const kept = createKept?.({ ...parts, deliver })
  return {
    ...sender,
    kept,
    async send(delivery, keep) {
      if (keep === undefined) return deliver(delivery)
      const { name, payload } = delivery
      permits.admit(name, payload)
      if (!kept)
        throw new PartylineError(
          'bad-argument',
          `"${name}" cannot be kept: servers of this kind acknowledge nothing. Send it without "keep".`,
        )
      // As it was given: it is checked again when it leaves, perhaps by a later build.
      await kept.keep({ id: keep, name, payload })
      return { kept: keep }
    },
  }
}
