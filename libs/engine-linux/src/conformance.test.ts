import { conformance } from '@sluice/engine/conformance';
import { linuxEngine } from './index.ts';

conformance(linuxEngine);
