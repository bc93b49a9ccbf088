// Sends a proposal and tells the answer, for every command that makes a version.
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Issue } from '@sluice/resource';
import { readSigningKey } from '@sluice/store';
import {
  type Admission,
  type Proposal,
  type Rejection,
  type SigningKey,
  signProposal,
  type Wish,
} from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { type IssueJson, issueJson, issueSummary, issueText } from './issues.ts';
import { print, printJson, tell } from './output.ts';
import { receiptJson, receiptText, type WaitedReceipt, waitForReceipt } from './receipt.ts';
import { type StoreOptions, withStore } from './with-store.ts';

export interface ChangeOptions extends StoreOptions {
  readonly message: string;
  readonly author?: string;
  readonly expectVersion?: number;
  /** True: for the usual time. */
  readonly wait?: string | true;
  readonly timeout: number;
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
    author: options.author ?? process.env.SLUICE_AUTHOR ?? `${userInfo().username}@${hostname()}`,
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

export async function submit(
  wish: Wish,
  options: ChangeOptions,
  known: readonly Issue[] = [],
  locate: Locate = (issue) => issue,
): Promise<ExitStatus> {
  const waitS = waitSeconds(options.wait);
  if (waitS === null) {
    tell(`--wait takes a number of seconds, not "${options.wait}"`);
    return EXIT.usage;
  }
  const signer = signerOf(options);
  if (typeof signer === 'string') {
    tell(signer);
    return EXIT.usage;
  }
  return withStore({ ...options, signer }, async (store) => {
    const unsigned = proposalOf(wish, options);
    const proposal = signer === null ? unsigned : signProposal(unsigned, signer);
    const admission = await store.admissions.submit(proposal, { timeoutMs: options.timeout * 1000 });
    if (!admission.ok) return rejected(admission.rejection, options.json === true, locate);
    const issues = merge(known, admission.complaints.map(locate));
    const receipt = waitS === undefined ? null : await waitForReceipt(store, admission.version, waitS * 1000);
    return admitted(admission, issues, receipt, options.json === true);
  });
}

function admitted(
  admission: Extract<Admission, { ok: true }>,
  issues: readonly Issue[],
  receipt: WaitedReceipt | null,
  json: boolean,
): ExitStatus {
  const { outcome, version, digest } = admission;
  const converged = receipt === null || receipt.everywhere;
  if (json) {
    const more = receipt === null ? {} : { receipt: receiptJson(receipt) };
    printJson({ ok: true, outcome, version, digest, issues: issues.map(issueJson), ...more });
  } else {
    for (const issue of issues) print(issueText(issue));
    print(
      outcome === 'admitted' ? `version ${version} admitted` : `unchanged: version ${version} has this state already`,
    );
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
