// What a follower of the log is told, in order.
import type { Entry, State } from '@sluice/version';
import type { StoreFault } from './store-fault.ts';

export type FollowEvent =
  /**
   * Start again from this state: the first event without a known state, and later where the log could not be continued
   * from the last one (trimmed away, or rewritten: then `state.version` may be lower than before).
   */
  | { readonly type: 'state'; readonly state: State; readonly reason: 'first' | 'trimmed' | 'rewritten' }
  /** The next version: exactly one above the last, its digest checked. `state` is the state after it. */
  | { readonly type: 'entry'; readonly entry: Entry; readonly state: State }
  /** The store cannot be followed now; what was told last stays in force. Said once until `back`. */
  | { readonly type: 'away'; readonly fault: StoreFault }
  /** The store is followed again and nothing was missed: what had been missed was told just before. */
  | { readonly type: 'back' };
