import { conformance } from '@sluice/engine/conformance';
import { nodeEngine, openTls, tlsContext } from './index.ts';

conformance(nodeEngine, { open: openTls, context: tlsContext });
