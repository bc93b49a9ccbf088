// The versioned log and what goes with it, over Redis or SQLite.
export { type AdmissionStep, type Decision, type DeskOptions, decide } from './desk.ts';
export type { FollowEvent } from './follow-event.ts';
export { type ReadKey, readSigningKey, readTrustedKeys } from './key-file.ts';
export { type LogSettings, type ReadLogSettings, readLogSettings } from './log-settings.ts';
export { openStore } from './open.ts';
export { RolloutDriver, type RolloutDriverOptions, type RolloutTurn } from './rollout-driver.ts';
export { type ReadStateFile, readStateFile, STATE_FILE_NAME, writeStateFile } from './state-file.ts';
export { type LoadedState, readKeptState, StateJournal } from './state-journal.ts';
export type {
  AdmissionDesk,
  Admissions,
  Appended,
  Head,
  Opened,
  OpenOptions,
  ReceivedReport,
  Reports,
  Store,
  StoreHealth,
  StoreRole,
  SubmitOptions,
  VersionLog,
} from './store.ts';
export { isStoreFault, STORE_FAULTS, type StoreFault, type StoreFaultCode, storeFault } from './store-fault.ts';
