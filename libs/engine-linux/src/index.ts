// The Linux engine: raw system calls, for TCP and TLS passthrough. It must not know a route; see
// libs/engine/src/seam.ts for its contract.
import type { EngineKind } from '@sluice/engine';
import { openAccepting } from './accepting.ts';
import { supported } from './supported.ts';
import { openWorker } from './worker.ts';

export { checkLimits, type Limits, limits, sessionsThatFit, type Wanted } from './limits.ts';
export { spliceRefusal } from './pipes.ts';

export const linuxEngine: EngineKind = { name: 'linux', supported, openAccepting, openWorker };
