// The difference of two states for people and programs: resources, and what it does to listeners, routes and clusters.
import { compile, DEFAULT_LABELS, type Effect, effect } from '@sluice/route';
import { creationOf, type Difference, resourcesOf, type State } from '@sluice/version';

/** Characters of a value that a line shows. */
const SHOWN_CHARACTERS = 120;

function effectOf(before: State, after: State): Effect {
  const plan = (state: State) =>
    compile(resourcesOf(state), { labels: DEFAULT_LABELS, creation: creationOf(state) }).plan;
  return effect(plan(before), plan(after));
}

export function differenceJson(before: State, after: State, difference: Difference): object {
  const { listeners, routes, clusters, authorization } = effectOf(before, after);
  return { resources: difference, effect: { listeners, routes, clusters, authorization } };
}

export function differenceText(before: State, after: State, difference: Difference): string {
  const lines: string[] = [];
  for (const key of difference.added) lines.push(`+ ${key}`);
  for (const key of difference.removed) lines.push(`- ${key}`);
  for (const { key, fields } of difference.changed) {
    lines.push(`~ ${key}`);
    for (const { path, before: old, after: now } of fields) lines.push(`    ${path}: ${shown(old)} -> ${shown(now)}`);
  }
  if (lines.length === 0) lines.push('no resource differs');
  const { none, ...changes } = effectOf(before, after);
  if (none) lines.push('no effect on listeners, routes, clusters or policies');
  for (const [what, { added, removed, changed }] of Object.entries(changes)) {
    for (const name of added) lines.push(`${what}: + ${name}`);
    for (const name of removed) lines.push(`${what}: - ${name}`);
    for (const name of changed) lines.push(`${what}: ~ ${name}`);
  }
  return lines.join('\n');
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}...`;
}
