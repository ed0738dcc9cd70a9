import type { Hello, Switchboard } from '../../shared/switchboard'
import type { PostToTab } from '../delivery/channel'
import type { Registration } from './registration'

/** What the calls of any page lead to. Arguments are checked by `api.ts`. */
export interface Engine
  extends Pick<Switchboard, 'retry' | 'disconnect' | 'connect' | 'inspect' | 'ping' | 'signOut'> {
  hello(hello: Hello, post: PostToTab): Registration
  /** A page asked for what there is not, or for too much. */
  refused(): void
}
