// The portable engine: Node's own sockets. It must not know a route; see libs/engine/src/seam.ts for its contract.
import type { EngineKind } from '@sluice/engine';
import { openAccepting } from './accepting.ts';
import { openWorker } from './worker.ts';

export { tlsContext } from './tls-context.ts';
export { openTls } from './worker.ts';

export const nodeEngine: EngineKind = {
  name: 'node',
  supported: () => ({ ok: true, value: null }),
  openAccepting,
  openWorker,
};
