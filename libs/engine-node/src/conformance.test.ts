import { conformance } from '@sluice/engine/conformance';
import { nodeEngine } from './index.ts';

conformance(nodeEngine);
