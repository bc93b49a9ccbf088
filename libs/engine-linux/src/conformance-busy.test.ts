// The same suite over threads without time to spare, which splice bulk instead of copying it.
import { conformance } from '@sluice/engine/conformance';
import { openTls, tlsContext } from '@sluice/engine-node';
import { linuxEngine } from './index.ts';
import { openWorker } from './worker.ts';

conformance(
  { ...linuxEngine, openWorker: (ticket, options) => openWorker(ticket, options, () => 1) },
  { open: openTls, context: tlsContext },
);
