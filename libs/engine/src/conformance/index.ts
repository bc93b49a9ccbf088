// The suite every engine is held to, the same for all and without skips. `conformance(kind)` runs it under uvu.
import { suite } from 'uvu';
import type { EngineKind } from '../seam.ts';
import { acceptCases } from './accept.ts';
import { clientCertificateCases } from './client-certificate.ts';
import { dialCases } from './dial.ts';
import { heldUpCases } from './held-up.ts';
import { orderedCloseCases } from './ordered-close.ts';
import { peekCases } from './peek.ts';
import { relayCases } from './relay.ts';
import { Rig, type TlsKind } from './rig.ts';
import { secureCases } from './secure.ts';

export interface Case {
  readonly name: string;
  run(rig: Rig): Promise<void>;
}

/** Registers and runs every case against one engine, each on a fresh pair of halves; `tls` ends TLS for engines that do not. */
export function conformance(kind: EngineKind, tls: TlsKind): void {
  const test = suite(`engine ${kind.name}`);
  for (const each of [
    ...acceptCases,
    ...peekCases,
    ...dialCases,
    ...relayCases,
    ...orderedCloseCases,
    ...heldUpCases,
    ...secureCases,
    ...clientCertificateCases,
  ]) {
    test(each.name, async () => {
      const rig = new Rig(kind, tls);
      try {
        await each.run(rig);
      } finally {
        await rig.close();
      }
    });
  }
  test.run();
}
