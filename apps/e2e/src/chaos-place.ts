// An acceptor as its clients see it: where it is, and what they must put up with at this moment.
import type { RunningAcceptor } from './system.ts';

export class Place {
  acceptor: RunningAcceptor;
  /** It was cut off so often: a session or connect that saw this number change may have failed for that. */
  cuts = 0;
  /** No connect is asked of it now. */
  isDown = false;

  constructor(acceptor: RunningAcceptor) {
    this.acceptor = acceptor;
  }

  /** While `work` runs, and for what was there when it began, nothing is promised. */
  async cutOff(work: () => Promise<void>): Promise<void> {
    this.isDown = true;
    this.cuts++;
    await work();
    this.cuts++;
    this.isDown = false;
  }
}
