// Decides about a proposal: the one place where a change becomes an entry, or is refused with every reason.
import { boundComplaints, type Complaint, countComplaints, keyOf } from '@sluice/resource';
import { complainOfExpiry } from '@sluice/route';
import { type Candidate, chooseAcceptors } from './choose-acceptors.ts';
import { droppedOf } from './dropped.ts';
import type { Entry } from './entry.ts';
import { complaintId, type Judge } from './judge.ts';
import { MAX_COMPLAINTS, MAX_ENTRY_BYTES, MAX_STATE_RESOURCES } from './limits.ts';
import { lossOf, type Serving } from './lost-log.ts';
import { malformation } from './malformation.ts';
import { invalidMessage, type Planned, type PlannedChange, planChange, reject } from './plan-change.ts';
import { planMove, runningMessage } from './plan-move.ts';
import type { Admission, Proposal, Rejection } from './proposal.ts';
import { rolloutAfter } from './rollout.ts';
import { attestEntry, distrustOfProposal, type SigningKey, type TrustedKeys } from './signature.ts';
import { admittedOf, type State, type Step, stepState } from './state.ts';

/** What deciding needs besides state and proposal. */
export interface AdmitContext {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly judge: Judge;
  /** The state at a version, for a roll-back; null where it is not kept. */
  readonly target: State | null;
  /** The acceptors that live, for a roll-out in stages. */
  readonly acceptors?: readonly Candidate[];
  /** What the acceptors that live serve, where the log may have been lost. */
  readonly serving?: readonly Serving[];
  /** Keys of who may publish; null: anybody, signed or not. */
  readonly publishers?: TrustedKeys | null;
  /** Signs what is admitted. */
  readonly signer?: SigningKey | null;
}

export interface Verdict {
  readonly admission: Admission;
  /** To be appended before the admission is told to anybody; with the state after it. */
  readonly next: { readonly entry: Entry; readonly state: State } | null;
}

/** Same state, proposal and context: same verdict. Never throws for what a proposal says. */
export function admit(state: State, proposal: Proposal, context: AdmitContext): Verdict {
  const malformed = malformation(proposal);
  if (malformed !== undefined) return refused(reject('malformed', malformed));
  const untrusted = distrustOf(proposal, context);
  if (untrusted !== undefined) return refused(reject('untrusted', untrusted));
  const earlier = admittedOf(state, proposal.submission);
  if (earlier !== undefined) return agreed('admitted', earlier.version, earlier.digest, []);
  const conflict = conflictOf(state, proposal);
  if (conflict !== undefined) return refused(conflict);
  const lost = lossOf(state, proposal, context.serving ?? []);
  if (lost !== undefined) return refused(lost);
  const planned = plan(state, proposal, context);
  if (!planned.ok) return refused(planned.rejection);
  const { change, complaints, move } = planned.value;
  if (change.put.length + change.delete.length === 0 && move === undefined) {
    return agreed('unchanged', state.version, state.digest, complaints);
  }
  if (state.rollout !== null && move === undefined) return refused(reject('rollout', runningMessage(state.rollout)));
  return weigh(state, proposal, planned.value, context);
}

function plan(state: State, { wish }: Proposal, { target, acceptors = [] }: AdmitContext): Planned {
  if (wish.type === 'promote' || wish.type === 'abort') return planMove(state, wish, acceptors);
  if (wish.type === 'change' && wish.rollout !== undefined && acceptors.length === 0) {
    const message = 'no acceptor reports to this store: there is none to begin a roll-out with';
    return { ok: false, rejection: reject('rollout', message) };
  }
  return planChange(state, wish, target);
}

function weigh(state: State, proposal: Proposal, planned: PlannedChange, context: AdmitContext): Verdict {
  const { kind, change, set, restores, origins, complaints, move } = planned;
  const { author, message, submission } = proposal;
  const version = state.version + 1;
  const step: Step = {
    ...{ kind, version, change, author, message, timeMs: context.timeMs, submission, set },
    ...(origins === undefined ? {} : { origins }),
    ...(move === undefined ? {} : { move }),
  };
  const { after, staged } = inStages(state, step, proposal, context);
  if (after.size > MAX_STATE_RESOURCES) {
    return refused(
      reject('too-large', `the state would hold ${after.size} resources, more than ${MAX_STATE_RESOURCES}`),
    );
  }
  // A promotion changes no resource: there is nothing new to be judged.
  const judge: Judge = kind === 'promote' ? () => [] : context.judge;
  const stood = judge(state);
  const found = judge(after);
  const fresh = freshOf(found, stood);
  // An error that stands already (admitted by an older Sluice) must not keep out the change that leads away from it; and what
  // an earlier version was admitted with must not keep out the roll-back to it.
  if (kind !== 'rollback' && kind !== 'abort' && fresh.some(({ level }) => level === 'error')) {
    return refused(reject('invalid', invalidMessage(countComplaints(fresh, 'error')), [...complaints, ...fresh]));
  }
  const dropped = kind === 'promote' ? state.last?.dropped : droppedOf(found);
  const entry: Entry = {
    ...step,
    ...staged,
    ...(dropped === undefined ? {} : { dropped }),
    digest: after.digest,
    previous: state.digest,
    ...(proposal.signature === undefined ? {} : { publisher: proposal.signature }),
    ...(restores === undefined ? {} : { restores }),
  };
  const signed = withAttestation(entry, withDropped(after, entry), context);
  if (entryBytes(entry) > MAX_ENTRY_BYTES) {
    return refused(reject('too-large', `the change is longer than ${MAX_ENTRY_BYTES} bytes: publish it in parts`));
  }
  const { admission } = agreed('admitted', version, after.digest, [
    ...complaints,
    ...complainOfExpiry(change.put, context.timeMs),
    ...worthSaying(change, found, fresh),
  ]);
  return { admission, next: signed };
}

/** The state after a step; where the proposal asks for stages, with the acceptors of the first. */
function inStages(
  state: State,
  step: Step,
  { wish }: Proposal,
  { acceptors = [] }: AdmitContext,
): { after: State; staged: Pick<Entry, 'rollout'> } {
  const after = stepState(state, step);
  if (wish.type !== 'change' || wish.rollout === undefined) return { after, staged: {} };
  const { stages, bakeMs, abortOn } = wish.rollout;
  const chosen = chooseAcceptors(acceptors, stages[0]!, [], { version: step.version, before: state, after });
  const rollout = { stages, bakeMs, abortOn, chosen };
  return { after: { ...after, rollout: rolloutAfter(state, { ...step, rollout }) }, staged: { rollout } };
}

/** What is counted of a state is known only when it was judged; who applies the entry gets the same. */
function withDropped(state: State, { dropped }: Entry): State {
  return dropped === undefined || state.last === null ? state : { ...state, last: { ...state.last, dropped } };
}

function withAttestation(entry: Entry, state: State, { signer = null }: AdmitContext): { entry: Entry; state: State } {
  if (signer === null) return { entry, state };
  const signed = attestEntry(entry, signer);
  return { entry: signed, state: { ...state, attestation: signed.attestation ?? null } };
}

/** A large state may have thousands of warnings; most changes add none, and the judge gives the same list then. */
function freshOf(found: readonly Complaint[], stood: readonly Complaint[]): readonly Complaint[] {
  if (found === stood) return [];
  const known = new Map(stood.map((complaint) => [complaintId(complaint), complaint.more ?? 0]));
  return found.filter((complaint) => (known.get(complaintId(complaint)) ?? -1) < (complaint.more ?? 0));
}

/** What is new, and what concerns the resources put; the rest of the state has been told of before. */
function worthSaying(
  change: Entry['change'],
  found: readonly Complaint[],
  fresh: readonly Complaint[],
): readonly Complaint[] {
  const touched = new Set(change.put.map(keyOf));
  const isFresh = new Set(fresh);
  return found.filter((complaint) => touched.has(complaint.resource) || isFresh.has(complaint));
}

function agreed(
  outcome: 'admitted' | 'unchanged',
  version: number,
  digest: string,
  complaints: readonly Complaint[],
): Verdict {
  return {
    admission: { ok: true, outcome, version, digest, complaints: boundComplaints(complaints, MAX_COMPLAINTS) },
    next: null,
  };
}

function refused(rejection: Rejection): Verdict {
  return { admission: { ok: false, rejection }, next: null };
}

/** A signed proposal that was kept and sent again much later must not bring old routes back. */
const MAX_PROPOSAL_AGE_MS = 10 * 60 * 1000;

function distrustOf(proposal: Proposal, { publishers = null, timeMs }: AdmitContext): string | undefined {
  if (publishers === null) return undefined;
  const reason = distrustOfProposal(proposal, publishers);
  if (reason !== undefined) return `the proposal is not to be trusted: ${reason}`;
  const ageMs = Math.abs(timeMs - proposal.timeMs);
  if (ageMs <= MAX_PROPOSAL_AGE_MS) return undefined;
  return `the proposal is not to be trusted: it was signed ${Math.round(ageMs / 1000)} s ago or ahead, compare the clocks`;
}

function conflictOf(state: State, { expectVersion }: Proposal): Rejection | undefined {
  if (expectVersion === null || expectVersion === state.version) return undefined;
  const { version, last } = state;
  const who = last === null ? '' : `, by ${last.author}${last.message === '' ? '' : `: ${last.message}`}`;
  return {
    reason: 'conflict',
    message: `the newest version is ${version}, not ${expectVersion}${who}`,
    complaints: [],
    conflict: {
      expected: expectVersion,
      head: version,
      author: last?.author ?? '',
      message: last?.message ?? '',
      timeMs: last?.timeMs ?? 0,
    },
  };
}

function entryBytes(entry: Entry): number {
  return Buffer.byteLength(JSON.stringify(entry));
}
