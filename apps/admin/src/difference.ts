// The difference of two states for people and programs: resources, and what it does to listeners, routes, clusters, policies and
// certificates of the acceptors there are. Acceptors with other labels may have other listeners, so each set of labels is looked at.
import { compile, type Effect, effect } from '@sluice/route';
import { creationOf, type Difference, differenceOf, type Labels, resourcesOf, type State } from '@sluice/version';
import { labelsText } from './labels-text.ts';

/** Characters of a value that a line shows. */
const SHOWN_CHARACTERS = 120;

const WHAT = ['listeners', 'routes', 'clusters', 'authorization', 'tls'] as const;
const HOW = { added: '+', removed: '-', changed: '~' } as const;

interface LabelledEffect extends Effect {
  readonly labels: Labels;
}

export interface StateDifference {
  readonly resources: Difference;
  /** One for each set of labels. */
  readonly effects: readonly LabelledEffect[];
}

export function stateDifference(before: State, after: State, labelSets: readonly Labels[]): StateDifference {
  const effects = labelSets.map((labels) => {
    const compiled = (state: State) => compile(resourcesOf(state), { labels, creation: creationOf(state) });
    return { ...effect(compiled(before), compiled(after)), labels };
  });
  return { resources: differenceOf(before, after), effects };
}

/** `effect`: of all acceptors together; `effects`: of those with the same labels. */
export function differenceJson({ resources, effects }: StateDifference): object {
  const together = (what: (typeof WHAT)[number]) =>
    Object.fromEntries(
      (Object.keys(HOW) as (keyof typeof HOW)[]).map((how) => {
        return [how, [...new Set(effects.flatMap((each) => each[what][how]))].sort()];
      }),
    );
  return {
    resources,
    effect: Object.fromEntries(WHAT.map((what) => [what, together(what)])),
    effects: effects.map(({ none: _none, ...each }) => each),
  };
}

export function differenceText({ resources, effects }: StateDifference): string {
  const lines: string[] = [];
  for (const key of resources.added) lines.push(`+ ${key}`);
  for (const key of resources.removed) lines.push(`- ${key}`);
  for (const { key, fields } of resources.changed) {
    lines.push(`~ ${key}`);
    for (const { path, before: old, after: now } of fields) lines.push(`    ${path}: ${shown(old)} -> ${shown(now)}`);
  }
  if (lines.length === 0) lines.push('no resource differs');
  if (effects.every(({ none }) => none))
    lines.push('no effect on listeners, routes, clusters, policies or certificates');
  return [...lines, ...effectLines(effects)].join('\n');
}

/** Each once; where not all acceptors are concerned, with the labels of those that are. */
function effectLines(effects: readonly LabelledEffect[]): string[] {
  const concerned = new Map<string, Labels[]>();
  for (const what of WHAT)
    for (const [how, sign] of Object.entries(HOW) as [keyof typeof HOW, string][])
      for (const each of effects)
        for (const name of each[what][how]) {
          const line = `${what}: ${sign} ${name}`;
          concerned.set(line, [...(concerned.get(line) ?? []), each.labels]);
        }
  return [...concerned].map(([line, labels]) => {
    return labels.length === effects.length ? line : `${line} (where ${labels.map(labelsText).join(' or ')})`;
  });
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}...`;
}
