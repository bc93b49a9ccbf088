import { conformance } from '@sluice/engine/conformance';
import { openTls, tlsContext } from '@sluice/engine-node';
import { linuxEngine } from './index.ts';

conformance(linuxEngine, { open: openTls, context: tlsContext });
