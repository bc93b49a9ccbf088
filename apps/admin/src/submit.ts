// Sends a proposal and tells the answer, for every command that makes a version.
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Issue } from '@sluice/resource';
import { readSigningKey, type Store } from '@sluice/store';
import {
  type Admission,
  isChosen,
  type Proposal,
  type Rejection,
  type RolloutPlan,
  type SigningKey,
  signProposal,
  type Wish,
} from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { heedInterrupts, interruption } from './interrupt.ts';
import { type IssueJson, issueJson, issueSummary, issueText } from './issues.ts';
import { print, printJson, tell } from './output.ts';
import { EVERYBODY, type Expected, receiptJson, receiptText, type WaitedReceipt, waitForReceipt } from './receipt.ts';
import { standingJson, standingText } from './rollout-standing.ts';
import { isLocal, longestMs, type WaitedRollout, waitForRollout } from './rollout-wait.ts';
import { type StoreOptions, withStore } from './with-store.ts';

export interface ChangeOptions extends StoreOptions {
  readonly message: string;
  readonly author?: string;
  readonly expectVersion?: number;
  /** True: for the usual time. */
  readonly wait?: string | true;
  /** Labels of the acceptors that are waited for; all without. */
  readonly acceptors?: Readonly<Record<string, string>>;
  readonly atLeast?: number;
  readonly timeout: number;
  /** Only show what would change. */
  readonly dryRun?: boolean;
  /** Path of the private key to sign with. */
  readonly key?: string;
}

/** Seconds that --wait alone waits. */
const DEFAULT_WAIT_S = 30;

/** Undefined: do not wait; null: what was given is no time. */
export function waitSeconds(wait: string | true | undefined): number | null | undefined {
  if (wait === undefined) return undefined;
  if (wait === true) return DEFAULT_WAIT_S;
  const value = Number(wait);
  return wait.trim() !== '' && Number.isFinite(value) && value >= 0 ? value : null;
}

export function proposalOf(wish: Wish, options: ChangeOptions): Proposal {
  return {
    submission: randomUUID(),
    wish,
    author: options.author || process.env.SLUICE_AUTHOR || `${userInfo().username}@${hostname()}`,
    message: options.message,
    expectVersion: options.expectVersion ?? null,
    timeMs: Date.now(),
  };
}

/** The key to sign with, null where none is given; a text says what is wrong with it. */
export function signerOf({ key = process.env.SLUICE_KEY }: ChangeOptions): SigningKey | null | string {
  if (!key) return null;
  const read = readSigningKey(key);
  return read.ok ? read.value : read.message;
}

/** Gives complaints their places in the files that were published. */
export type Locate = (complaint: Issue) => Issue;

/** `wished`: what is wished, or how to find out on the store; a rejection where nothing can be wished. */
export async function submit(
  wished: Wish | ((store: Store) => Promise<Wish | Rejection>),
  options: ChangeOptions,
  known: readonly Issue[] = [],
  locate: Locate = (issue) => issue,
): Promise<ExitStatus> {
  const waitS = waitSeconds(options.wait);
  if (waitS === null) return wrongUsage(`--wait takes a number of seconds, not "${options.wait}"`, options);
  if (waitS === undefined && (options.acceptors !== undefined || options.atLeast !== undefined)) {
    return wrongUsage('--acceptors and --at-least say who is waited for: they need --wait', options);
  }
  const expected = { labels: options.acceptors ?? EVERYBODY.labels, atLeast: options.atLeast ?? EVERYBODY.atLeast };
  const signer = signerOf(options);
  if (typeof signer === 'string') return wrongUsage(signer, options);
  const creates = options.dryRun !== true && typeof wished !== 'function' && brings(wished);
  return withStore({ ...options, signer, creates }, async (store) => {
    const wish = typeof wished === 'function' ? await wished(store) : wished;
    if ('reason' in wish) return rejected(wish, options.json === true, locate);
    if (options.dryRun === true) {
      const { dryRun } = await import('./dry-run.ts');
      return dryRun(store, proposalOf(wish, options), { known, locate, json: options.json === true });
    }
    const signed = (proposal: Proposal) => (signer === null ? proposal : signProposal(proposal, signer));
    const proposal = signed(proposalOf(wish, options));
    heedInterrupts();
    const [timeoutMs, signal] = [options.timeout * 1000, interruption];
    const admission = await store.admissions.submit(proposal, { timeoutMs, signal });
    if (!admission.ok) return rejected(admission.rejection, options.json === true, locate);
    const issues = merge(known, admission.complaints.map(locate));
    const deleted = await deletedOf(store, wish, admission);
    const rollout = await rolloutOf(store, wish, admission);
    if (rollout !== null) {
      const limitMs = waitS === undefined ? 0 : options.wait === true ? longestMs(rollout) : waitS * 1000;
      const waited = await waitForRollout(store, rollout, { timeoutMs: limitMs, expected }, signed);
      if (isLocal(store) && (waitS === undefined || interruption.aborted)) tell(UNDRIVEN);
      else if (interruption.aborted && waited.receipt === null) tell(GOES_ON);
      return rolledOut(store, { ...admission, deleted }, issues, waited, waitS !== undefined, options.json === true);
    }
    const receipt = waitS === undefined ? null : await waitFor(store, wish, admission.version, waitS * 1000, expected);
    if (interruption.aborted && receipt?.everywhere === false) tell(STAYS_ADMITTED);
    return admitted({ ...admission, deleted }, issues, receipt, options.json === true);
  });
}

function brings(wish: Wish): boolean {
  return wish.type === 'change' && wish.put.length > 0;
}

/** The roll-out that a publish in stages began, or that runs already where it is published once more (its publisher was killed). */
async function rolloutOf(
  store: Store,
  wish: Wish,
  { outcome, version }: Extract<Admission, { ok: true }>,
): Promise<(RolloutPlan & { readonly of: number }) | null> {
  if (wish.type !== 'change' || wish.rollout === undefined) return null;
  if (outcome === 'admitted') return { ...wish.rollout, of: version };
  return (await store.log.catchUp(null)).rollout;
}

/** Where a set was given nothing but to be pruned: what that has deleted. */
interface Deleted {
  readonly set: string;
  readonly count: number;
}

type Told = Extract<Admission, { ok: true }> & { readonly deleted: Deleted | null };

async function deletedOf(store: Store, wish: Wish, { version, outcome }: Extract<Admission, { ok: true }>) {
  if (wish.type !== 'change' || !wish.prune || wish.put.length > 0 || outcome === 'unchanged') return null;
  const [entry] = await store.log.entries(version - 1, 1);
  return { set: wish.set, count: entry?.change.delete.length ?? 0 };
}

function outcomeText({ outcome, version, deleted }: Told): string {
  if (outcome === 'unchanged') return `unchanged: version ${version} has this state already`;
  if (deleted === null) return `version ${version} admitted`;
  const { count, set } = deleted;
  return `version ${version} admitted: nothing was given, all of set "${set}" is deleted, ${count} ${count === 1 ? 'resource' : 'resources'}`;
}

/** On a file somebody must look at the stages; with Redis the config service does. */
const UNDRIVEN =
  'note: with a store in a file a roll-out moves on while its publisher waits (--wait), or a config service runs on the file; until then use promote and abort';

/** What an interrupt does not undo. */
const GOES_ON = 'interrupted: the roll-out goes on by itself; status shows it, promote and abort move it';
const STAYS_ADMITTED = 'interrupted: the version stays admitted; status shows who has it, rollback takes it back';

/** Of a promotion only those are waited for who have a part in it. */
async function waitFor(
  store: Store,
  wish: Wish,
  version: number,
  timeoutMs: number,
  expected: Expected,
): Promise<WaitedReceipt> {
  if (wish.type !== 'promote') return waitForReceipt(store, version, timeoutMs, expected);
  const { rollout } = await store.log.catchUp(null);
  const isConcerned = (id: string) => rollout === null || isChosen(rollout.chosen, id);
  return waitForReceipt(store, version, timeoutMs, expected, isConcerned);
}

/** Of a publish in stages: where it came to, and that it failed where it was taken back. */
async function rolledOut(
  store: Store,
  told: Told,
  issues: readonly Issue[],
  { standing, receipt }: WaitedRollout,
  waited: boolean,
  json: boolean,
): Promise<ExitStatus> {
  const reports = await store.reports.list();
  const { outcome, version, digest } = told;
  const isAborted = standing.outcome === 'aborted';
  if (json) {
    const more = receipt === null ? {} : { receipt: receiptJson(receipt) };
    const rollout = standingJson(standing, reports);
    printJson({ ok: !isAborted, outcome, version, digest, issues: issues.map(issueJson), rollout, ...more });
  } else {
    for (const issue of issues) print(issueText(issue));
    print(`${outcomeText(told)}\n${standingText(standing, reports)}`);
    if (receipt !== null) print(receiptText(receipt));
  }
  if (isAborted) return EXIT.failed;
  return !waited || receipt?.everywhere === true ? EXIT.done : EXIT.notConverged;
}

function admitted(told: Told, issues: readonly Issue[], receipt: WaitedReceipt | null, json: boolean): ExitStatus {
  const { outcome, version, digest, deleted } = told;
  const converged = receipt === null || receipt.everywhere;
  if (json) {
    const more = {
      ...(deleted === null ? {} : { deleted: deleted.count }),
      ...(receipt === null ? {} : { receipt: receiptJson(receipt) }),
    };
    printJson({ ok: true, outcome, version, digest, issues: issues.map(issueJson), ...more });
  } else {
    for (const issue of issues) print(issueText(issue));
    print(outcomeText(told));
    if (receipt !== null) print(receiptText(receipt));
  }
  return converged ? EXIT.done : EXIT.notConverged;
}

/** A rejection as --json shows it. */
export interface RejectionJson {
  readonly ok: false;
  readonly reason: string;
  readonly message: string;
  readonly issues: readonly IssueJson[];
  readonly conflict?: Rejection['conflict'];
}

export function rejected(rejection: Rejection, json: boolean, locate: Locate = (issue) => issue): ExitStatus {
  const { reason, message, conflict } = rejection;
  const issues = rejection.complaints.map(locate);
  if (json) {
    const document: RejectionJson = { ok: false, reason, message, issues: issues.map(issueJson) };
    printJson(conflict === undefined ? document : { ...document, conflict });
  } else {
    for (const issue of issues) print(issueText(issue));
    print(
      `rejected (${reason}): ${message}; nothing was changed${issues.length === 0 ? '' : ` (${issueSummary(issues)})`}`,
    );
  }
  return EXIT.failed;
}

/** What the files said and what the config service said, each once. */
function merge(known: readonly Issue[], more: readonly Issue[]): Issue[] {
  const id = ({ code, resource, path, message }: Issue) => `${code}\t${resource}\t${path}\t${message}`;
  return [...new Map([...known, ...more].map((issue) => [id(issue), issue])).values()];
}
