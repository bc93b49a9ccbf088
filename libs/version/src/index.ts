// What a version is: an entry of the log, the state it makes, and how a proposal becomes one. Pure: no store, no clock.
export type {
  AcceptorPhase,
  AcceptorReport,
  ReportedWorker,
  VersionFigures,
} from './acceptor-report.ts';
export { type AdmitContext, admit, type Verdict } from './admit.ts';
export { type Applied, applyEntry } from './apply.ts';
export { changesBetween, type StateChange } from './changes.ts';
export {
  type CheckpointPart,
  CheckpointReader,
  checkpointLines,
  checkpointParts,
  type ReadCheckpoint,
  readCheckpoint,
} from './checkpoint.ts';
export { type Candidate, chooseAcceptors } from './choose-acceptors.ts';
export { type DecodedEntry, decodeEntry, entryHead } from './decode-entry.ts';
export { type Difference, differenceOf, type FieldDifference } from './difference.ts';
export type { Dropped } from './dropped.ts';
export type { Change, Entry, EntryHead, EntryKind, Origin } from './entry.ts';
export { complaintId, type Judge, judgeFor } from './judge.ts';
export {
  judgeRollout,
  MIN_CONNECTIONS,
  type Observation,
  type RolloutDecision,
  SETTLE_MS,
  type Watched,
} from './judge-rollout.ts';
export { type Labels, labelSetsOf } from './label-sets.ts';
export * from './limits.ts';
export { mayBeLost, type Serving } from './lost-log.ts';
export type { Admission, Conflict, Proposal, Rejection, RejectionReason, Wish } from './proposal.ts';
export { type AcceptorReceipt, LOST_AFTER_MS, type Receipt, receiptOf } from './receipt.ts';
export { isRenewalDue, renew } from './renew.ts';
export { readReport } from './report-form.ts';
export {
  type Breach,
  type Chosen,
  isChosen,
  type Rollout,
  type RolloutMove,
  type RolloutStart,
  stateFor,
  type Tally,
} from './rollout.ts';
export {
  DEFAULT_ABORT_ON,
  type Limit,
  limitText,
  MAX_BAKE_MS,
  parseAbortOn,
  parseStages,
  type RolloutPlan,
  type Stage,
  stageText,
} from './rollout-plan.ts';
export {
  type Attestation,
  attestEntry,
  distrustOfEntry,
  distrustOfProposal,
  distrustOfState,
  formatPublicKey,
  keyId,
  parsePublicKey,
  type Signature,
  type SigningKey,
  signingKey,
  signProposal,
  type TrustedKeys,
  trustedKeys,
} from './signature.ts';
export {
  type Admitted,
  admittedOf,
  creationOf,
  EMPTY_STATE,
  type Holding,
  holdingOf,
  holdingsOf,
  type LastChange,
  resourcesOf,
  type State,
  type Step,
  stateFrom,
  stepState,
} from './state.ts';
export { sum, tallyOf } from './tally.ts';
