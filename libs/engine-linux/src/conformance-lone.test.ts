// The same suite over a lone worker, which takes connections itself.
import { conformance } from '@sluice/engine/conformance';
import { openTls, tlsContext } from '@sluice/engine-node';
import { openAccepting } from './accepting.ts';
import { linuxEngine } from './index.ts';

conformance(
  { ...linuxEngine, openAccepting: (options) => openAccepting({ ...options, lone: true }) },
  { open: openTls, context: tlsContext },
);
