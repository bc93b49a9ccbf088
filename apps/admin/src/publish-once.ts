// One publish of files as a set, with its outcome as data: for those who publish again and again.
import { type Issue, locateIssue, parseResources, type SourceFile } from '@sluice/resource';
import { isStoreFault, openStore, readLogSettings } from '@sluice/store';
import { signProposal } from '@sluice/version';
import { type IssueJson, issueJson, issueSummary, issueText } from './issues.ts';
import { storeAddress } from './store-address.ts';
import { type ChangeOptions, proposalOf, signerOf } from './submit.ts';

/**
 * undecided: nobody has said yes or no, and the same submission may be tried again; in-the-way: something that passes kept it
 * out, and another submission may be tried. skipped: there is nothing to publish.
 */
export interface Published {
  readonly outcome: 'admitted' | 'unchanged' | 'rejected' | 'undecided' | 'in-the-way' | 'skipped';
  readonly version: number | null;
  readonly message: string;
  readonly issues: readonly IssueJson[];
  /** The issues for people. */
  readonly lines: readonly string[];
}

export interface PublishOnceOptions extends ChangeOptions {
  readonly set?: string;
  readonly submission: string;
}

export async function publishOnce(files: readonly SourceFile[], options: PublishOnceOptions): Promise<Published> {
  const set = parseResources(files);
  if (!set.ok) return outcome('rejected', null, issueSummary(set.issues), set.issues);
  // As with an empty folder: a mistake, or a save under way, and no wish to delete every route.
  if (set.resources.length === 0) return outcome('skipped', null, 'no resource in the files', set.issues);
  const signer = signerOf(options);
  if (typeof signer === 'string') return outcome('undecided', null, signer, []);
  const { value: settings } = readLogSettings(process.env);
  const opened = await openStore(storeAddress(options.store), {
    role: 'publisher',
    ...settings,
    ...(signer ? { signer } : {}),
  });
  if (!opened.ok) return outcome('undecided', null, opened.fault.message, []);
  try {
    const wish = { type: 'change', put: set.resources, delete: [], set: options.set ?? '', prune: true } as const;
    const unsigned = { ...proposalOf(wish, options), submission: options.submission };
    const proposal = signer === null ? unsigned : signProposal(unsigned, signer);
    const admission = await opened.value.admissions.submit(proposal, { timeoutMs: options.timeout * 1000 });
    if (admission.ok) return outcome(admission.outcome, admission.version, '', set.issues);
    const { reason, message, complaints } = admission.rejection;
    // Not for ever: the roll-out that is in the way ends, a log that was lost is put back, a key or a clock is set right.
    if (reason === 'rollout' || reason === 'lost' || reason === 'untrusted')
      return outcome('in-the-way', null, message, []);
    const located = complaints.map((complaint) => locateIssue(set, complaint));
    return outcome('rejected', null, message, located);
  } catch (error) {
    // Of a submission that nobody could decide the queue says so for an hour; another one changes nothing that is there already.
    if (isStoreFault(error))
      return outcome(error.code === 'undecided' ? 'in-the-way' : 'undecided', null, error.message, []);
    throw error;
  } finally {
    await opened.value.close();
  }
}

function outcome(
  what: Published['outcome'],
  version: number | null,
  message: string,
  issues: readonly Issue[],
): Published {
  const told = version === null ? message : `version ${version}`;
  return { outcome: what, version, message: told, issues: issues.map(issueJson), lines: issues.map(issueText) };
}
