// `--dry-run`: decides here, on the newest state, as the config service would; sends nothing.
import type { Issue } from '@sluice/resource';
import { admit, differenceOf, judgeFor, type Wish } from '@sluice/version';
import { differenceJson, differenceText } from './difference.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { issueJson, issueText } from './issues.ts';
import { print, printJson } from './output.ts';
import { type ChangeOptions, type Locate, proposalOf, rejected } from './submit.ts';
import { withStore } from './with-store.ts';

export function dryRun(
  wish: Wish,
  options: ChangeOptions,
  known: readonly Issue[],
  locate: Locate,
): Promise<ExitStatus> {
  return withStore(options, async (store) => {
    const state = await store.log.catchUp(null);
    const context = { timeMs: Date.now(), judge: judgeFor(), target: null };
    const { admission, next } = admit(state, proposalOf(wish, options), context);
    if (!admission.ok) return rejected(admission.rejection, options.json === true, locate);
    const after = next?.state ?? state;
    const issues = [...known, ...admission.complaints.map(locate)];
    if (options.json === true) {
      const outcome = next === null ? 'unchanged' : 'would-admit';
      const difference = differenceJson(state, after, differenceOf(state, after));
      printJson({ ok: true, outcome, version: after.version, issues: issues.map(issueJson), ...difference });
    } else {
      for (const issue of issues) print(issueText(issue));
      print(differenceText(state, after, differenceOf(state, after)));
      print(
        next === null
          ? `unchanged: version ${state.version} has this state already`
          : `would become version ${after.version}; nothing was changed`,
      );
    }
    return EXIT.done;
  });
}
