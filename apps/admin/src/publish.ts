// `admin publish` and `admin apply`: the resources of files become a version, or every reason why not is told.
import { existsSync } from 'node:fs';
import { countComplaints, type Issue, locateIssue, type ParsedSet, parseResources } from '@sluice/resource';
import type { Wish } from '@sluice/version';
import type { ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { readInput } from './files.ts';
import { issueText } from './issues.ts';
import { tell } from './output.ts';
import { planOf, type RolloutOptions } from './rollout-options.ts';
import { type ChangeOptions, rejected, submit, waitSeconds } from './submit.ts';

interface PublishOptions extends ChangeOptions, RolloutOptions {
  readonly set?: string;
  readonly prune?: boolean;
  readonly watch?: boolean;
}

export async function apply(options: PublishOptions & { readonly filename: readonly string[] }): Promise<ExitStatus> {
  return publish(options.filename, options);
}

export async function publish(given: readonly string[], options: PublishOptions): Promise<ExitStatus> {
  if (options.prune === true && !options.set) {
    return wrongUsage('--prune needs --set: it deletes what belongs to the set and is no longer given', options);
  }
  const rollout = planOf(options);
  if (typeof rollout === 'string') return wrongUsage(rollout, options);
  if (rollout !== undefined && options.watch === true) {
    const message =
      '--watch publishes whenever a file changes, which a roll-out in --stages would refuse: use one of the two';
    return wrongUsage(message, options);
  }
  const { paths, wait } = withoutPathInWait(given, options.wait);
  if (waitSeconds(wait) === null) {
    return wrongUsage(`--wait takes a number of seconds; "${wait}" is none, and no file or folder either`, options);
  }
  if (options.watch === true) return (await import('./watch.ts')).watch(paths, options);
  if (paths.length === 0) {
    return wrongUsage('publish takes at least one file or folder, or - for standard input', options);
  }
  // Nothing given and --prune is the wish to delete all of the set, and only then is nothing anything to publish.
  const mayBeNone = options.prune === true;
  const read = await readInput(paths);
  if (!read.ok && !(mayBeNone && read.reason === 'empty')) return wrongUsage(read.message, options);
  const set = parseResources(read.ok ? read.files : []);
  const locate = (issue: Issue) => located(set, issue);
  if (!set.ok) {
    const errors = countComplaints(set.issues, 'error');
    const message = `${errors} ${errors === 1 ? 'error' : 'errors'} in the files`;
    return rejected({ reason: 'invalid', message, complaints: set.issues }, options.json === true, locate);
  }
  if (set.resources.length === 0 && !mayBeNone) {
    for (const issue of set.issues) tell(issueText(issue));
    const message = `nothing to publish: no resource in ${paths.join(', ')} (to delete all of a set, use --prune --set NAME)`;
    return wrongUsage(message, options);
  }
  const wish: Extract<Wish, { type: 'change' }> = {
    type: 'change',
    put: set.resources,
    delete: [],
    set: options.set ?? '',
    prune: options.prune === true,
  };
  const { wait: _wait, ...others } = options;
  const change = wait === undefined ? others : { ...others, wait };
  return submit(rollout === undefined ? wish : { ...wish, rollout }, change, set.issues, locate);
}

/** In `publish --wait PATH` the path belongs to publish. What is neither a number nor there is left for a complaint. */
function withoutPathInWait(paths: readonly string[], wait: string | true | undefined) {
  const isPath = typeof wait === 'string' && waitSeconds(wait) === null && (wait === '-' || existsSync(wait));
  return isPath ? { paths: [wait, ...paths], wait: true as const } : { paths, wait };
}

function located(set: ParsedSet, issue: Issue): Issue {
  return issue.file === undefined ? locateIssue(set, issue) : issue;
}
