// Decides about a proposal: the one place where a change becomes an entry, or is refused with every reason.
import { type Complaint, keyOf } from '@sluice/resource';
import type { Entry } from './entry.ts';
import { complaintId, type Judge } from './judge.ts';
import { MAX_COMPLAINTS, MAX_ENTRY_BYTES, MAX_MESSAGE_LENGTH, MAX_NAME_LENGTH, MAX_STATE_RESOURCES } from './limits.ts';
import { invalidMessage, type PlannedChange, planChange, reject } from './plan-change.ts';
import type { Admission, Proposal, Rejection } from './proposal.ts';
import { attestEntry, distrustOfProposal, type SigningKey, type TrustedKeys } from './signature.ts';
import { admittedOf, type State, stepState } from './state.ts';

/** What deciding needs besides state and proposal. */
export interface AdmitContext {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly judge: Judge;
  /** The state at a version, for a roll-back; null where it is not kept. */
  readonly target: State | null;
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
  const planned = planChange(state, proposal.wish, context.target);
  if (!planned.ok) return refused(planned.rejection);
  const { change, complaints } = planned.value;
  if (change.put.length + change.delete.length === 0) {
    return agreed('unchanged', state.version, state.digest, complaints);
  }
  return weigh(state, proposal, planned.value, context);
}

function weigh(state: State, proposal: Proposal, planned: PlannedChange, context: AdmitContext): Verdict {
  const { kind, change, set, restores, origins, complaints } = planned;
  const { author, message, submission } = proposal;
  const version = state.version + 1;
  const step = { kind, version, change, author, message, timeMs: context.timeMs, submission, set };
  const after = stepState(state, origins === undefined ? step : { ...step, origins });
  if (after.size > MAX_STATE_RESOURCES) {
    return refused(
      reject('too-large', `the state would hold ${after.size} resources, more than ${MAX_STATE_RESOURCES}`),
    );
  }
  const stood = new Set(context.judge(state).map(complaintId));
  const found = context.judge(after);
  const fresh = found.filter((complaint) => !stood.has(complaintId(complaint)));
  // An error that stands already (admitted by an older Sluice) must not keep out the change that leads away from it; and what
  // an earlier version was admitted with must not keep out the roll-back to it.
  if (kind !== 'rollback' && fresh.some(({ level }) => level === 'error')) {
    return refused(reject('invalid', invalidMessage(fresh), [...complaints, ...fresh]));
  }
  const entry: Entry = {
    ...step,
    digest: after.digest,
    previous: state.digest,
    ...(proposal.signature === undefined ? {} : { publisher: proposal.signature }),
    ...(restores === undefined ? {} : { restores }),
    ...(origins === undefined ? {} : { origins }),
  };
  const signed = withAttestation(entry, after, context);
  if (entryBytes(entry) > MAX_ENTRY_BYTES) {
    return refused(reject('too-large', `the change is longer than ${MAX_ENTRY_BYTES} bytes: publish it in parts`));
  }
  const { admission } = agreed('admitted', version, after.digest, [
    ...complaints,
    ...worthSaying(change, found, stood),
  ]);
  return { admission, next: signed };
}

function withAttestation(entry: Entry, state: State, { signer = null }: AdmitContext): { entry: Entry; state: State } {
  if (signer === null) return { entry, state };
  const signed = attestEntry(entry, signer);
  return { entry: signed, state: { ...state, attestation: signed.attestation ?? null } };
}

/** What is new, and what concerns the resources put; the rest of the state has been told of before. */
function worthSaying(
  change: Entry['change'],
  found: readonly Complaint[],
  stood: ReadonlySet<string>,
): readonly Complaint[] {
  const touched = new Set(change.put.map(keyOf));
  return found.filter((complaint) => touched.has(complaint.resource) || !stood.has(complaintId(complaint)));
}

function agreed(
  outcome: 'admitted' | 'unchanged',
  version: number,
  digest: string,
  complaints: readonly Complaint[],
): Verdict {
  return {
    admission: { ok: true, outcome, version, digest, complaints: complaints.slice(0, MAX_COMPLAINTS) },
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

/** What makes it no proposal at all, checked because it came from outside. */
function malformation(proposal: Proposal): string | undefined {
  if (typeof proposal !== 'object' || proposal === null) return 'it is not an object';
  const { submission, wish, author, message, expectVersion, timeMs } = proposal;
  if (!isName(submission) || submission === '') return 'its submission is not a name';
  if (!isName(author)) return `its author is not a text of at most ${MAX_NAME_LENGTH} characters`;
  if (typeof message !== 'string' || message.length > MAX_MESSAGE_LENGTH) {
    return `its message is not a text of at most ${MAX_MESSAGE_LENGTH} characters`;
  }
  if (!Number.isSafeInteger(timeMs)) return 'its time is not a time';
  if (expectVersion !== null && !isVersion(expectVersion)) return 'its expected version is not a version';
  if (wish?.type === 'rollback') return isVersion(wish.to) ? undefined : 'the version to roll back to is not a version';
  if (wish?.type !== 'change' || !Array.isArray(wish.put) || !Array.isArray(wish.delete))
    return 'it wishes nothing known';
  if (!wish.delete.every((key) => typeof key === 'string')) return 'a key to delete is not a text';
  if (!isName(wish.set) || typeof wish.prune !== 'boolean') return 'its set is not a name';
  return wish.prune && wish.set === '' ? 'to prune, a set must be named' : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(value);
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function entryBytes(entry: Entry): number {
  return Buffer.byteLength(JSON.stringify(entry));
}
