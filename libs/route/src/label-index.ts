// Finds the labelled things a selector selects without looking at all of them.
import { formatLabels, type Labels, selects } from './label.ts';

export interface Labelled {
  readonly labels: Labels;
}

/** Things by each of their labels. Filled by `addLabelled`, then only read. */
export interface LabelIndex<T extends Labelled> {
  readonly all: T[];
  /** By `key=value`. */
  readonly byLabel: Map<string, T[]>;
}

/** Indexes by a scope, such as a namespace. */
export type ScopedLabels<T extends Labelled> = Map<string, LabelIndex<T>>;

export function newLabelIndex<T extends Labelled>(): LabelIndex<T> {
  return { all: [], byLabel: new Map() };
}

export function addLabelled<T extends Labelled>({ all, byLabel }: LabelIndex<T>, thing: T): void {
  all.push(thing);
  for (const key in thing.labels) {
    const pair = `${key}=${thing.labels[key]}`;
    const list = byLabel.get(pair);
    if (list === undefined) byLabel.set(pair, [thing]);
    else list.push(thing);
  }
}

/** Those with all labels of the selector, in the order added; an empty selector selects all. */
export function selectLabelled<T extends Labelled>({ all, byLabel }: LabelIndex<T>, selector: Labels): readonly T[] {
  let shortest: readonly T[] = all;
  for (const key in selector) {
    const list = byLabel.get(`${key}=${selector[key]}`);
    if (list === undefined) return [];
    if (list.length < shortest.length) shortest = list;
  }
  return shortest.filter((thing) => selects(selector, thing.labels));
}

export function addScopedLabelled<T extends Labelled>(indexes: ScopedLabels<T>, scope: string, thing: T): void {
  if (!indexes.has(scope)) indexes.set(scope, newLabelIndex());
  addLabelled(indexes.get(scope)!, thing);
}

export function selectScopedLabelled<T extends Labelled>(
  indexes: ReadonlyMap<string, LabelIndex<T>>,
  scope: string,
  selector: Labels,
): readonly T[] {
  const index = indexes.get(scope);
  return index === undefined ? [] : selectLabelled(index, selector);
}

/** An answer that is worked out once for each selector: thousands may ask with the same one. */
export function onceBySelector<T>(answer: (selector: Labels) => T): (selector: Labels | undefined) => T {
  const answers = new Map<string, T>();
  return (selector = {}) => {
    const key = formatLabels(selector);
    if (!answers.has(key)) answers.set(key, answer(selector));
    return answers.get(key)!;
  };
}
