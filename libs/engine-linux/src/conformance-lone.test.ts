// The same suite over a lone worker, which takes connections itself.
import { conformance } from '@sluice/engine/conformance';
import { openAccepting } from './accepting.ts';
import { linuxEngine } from './index.ts';

conformance({ ...linuxEngine, openAccepting: (options) => openAccepting({ ...options, lone: true }) });
