// The conformance suite of stores: each one runs all of it. Imported by tests only.
import { admissionConformance } from './admissions.ts';
import { followConformance } from './follow.ts';
import { logConformance } from './log.ts';
import { reportConformance } from './reports.ts';
import type { StoreRig } from './rig.ts';
import { rolloutConformance } from './rollout.ts';

export type { StoreRig } from './rig.ts';

export function storeConformance(name: string, rig: StoreRig): void {
  logConformance(name, rig);
  followConformance(name, rig);
  admissionConformance(name, rig);
  reportConformance(name, rig);
  rolloutConformance(name, rig);
}
