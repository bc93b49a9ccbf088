// `--dry-run`: decides here, on the newest state, as the config service would; sends nothing.
import type { Issue } from '@sluice/resource';
import { decide, type Store } from '@sluice/store';
import { type Chosen, judgeFor, labelSetsOf, type Proposal, stageText } from '@sluice/version';
import { differenceJson, differenceText, stateDifference } from './difference.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { issueJson, issueText } from './issues.ts';
import { print, printJson } from './output.ts';
import { type Locate, rejected } from './submit.ts';

export async function dryRun(
  store: Store,
  proposal: Proposal,
  { known, locate, json }: { readonly known: readonly Issue[]; readonly locate: Locate; readonly json: boolean },
): Promise<ExitStatus> {
  const before = await store.log.catchUp(null);
  const reports = await store.reports.list();
  const labelSets = labelSetsOf(reports);
  const judge = judgeFor(labelSets);
  const { admission, state } = await decide(
    {
      current: async () => before,
      append: async () => true,
      stateAt: (version) => store.log.stateAt(version),
      judge: () => judge,
      reports: async () => reports,
      now: Date.now,
    },
    proposal,
  );
  if (!admission.ok) return rejected(admission.rejection, json, locate);
  const after = state ?? before;
  const issues = [...known, ...admission.complaints.map(locate)];
  const difference = stateDifference(before, after, labelSets);
  const first = state?.rollout ?? null;
  if (json) {
    const outcome = state === null ? 'unchanged' : 'would-admit';
    const staged =
      first === null ? {} : { firstStage: { stage: stageText(first.stages[0]!), acceptors: first.chosen } };
    const told = { ok: true, outcome, version: after.version, issues: issues.map(issueJson), ...staged };
    printJson({ ...told, ...differenceJson(difference) });
  } else {
    for (const issue of issues) print(issueText(issue));
    print(differenceText(difference));
    const staged = first === null ? '' : `, first on ${chosenText(first.chosen)}`;
    print(
      state === null
        ? `unchanged: version ${before.version} has this state already`
        : `would become version ${after.version}${staged}; nothing was changed`,
    );
  }
  return EXIT.done;
}

function chosenText(chosen: Chosen): string {
  return chosen === 'all' ? 'every acceptor' : chosen.join(', ');
}
