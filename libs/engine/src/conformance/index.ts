// The suite every engine is held to, the same for all and without skips. `conformance(kind)` runs it under uvu.
import { suite } from 'uvu';
import type { EngineKind } from '../seam.ts';
import { acceptCases } from './accept.ts';
import { dialCases } from './dial.ts';
import { heldUpCases } from './held-up.ts';
import { peekCases } from './peek.ts';
import { relayCases } from './relay.ts';
import { Rig } from './rig.ts';

export interface Case {
  readonly name: string;
  run(rig: Rig): Promise<void>;
}

/** Registers and runs every case against one engine, each on a fresh pair of halves. */
export function conformance(kind: EngineKind): void {
  const test = suite(`engine ${kind.name}`);
  for (const each of [...acceptCases, ...peekCases, ...dialCases, ...relayCases, ...heldUpCases]) {
    test(each.name, async () => {
      const rig = new Rig(kind);
      try {
        await each.run(rig);
      } finally {
        await rig.close();
      }
    });
  }
  test.run();
}
