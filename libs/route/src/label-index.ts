// Finds the labelled things a selector selects without looking at all of them.
import { type Labels, selects } from './label.ts';

export interface Labelled {
  readonly labels: Labels;
}

/** Things by each of their labels; built once, read many times. */
export class LabelIndex<T extends Labelled> {
  readonly #all: T[] = [];
  readonly #byLabel = new Map<string, T[]>();

  add(thing: T): void {
    this.#all.push(thing);
    for (const key in thing.labels) {
      const pair = `${key}=${thing.labels[key]}`;
      const list = this.#byLabel.get(pair);
      if (list === undefined) this.#byLabel.set(pair, [thing]);
      else list.push(thing);
    }
  }

  get all(): readonly T[] {
    return this.#all;
  }

  /** Those with all labels of the selector, in the order added; an empty selector selects all. */
  select(selector: Labels): readonly T[] {
    let shortest: readonly T[] = this.#all;
    for (const key in selector) {
      const list = this.#byLabel.get(`${key}=${selector[key]}`);
      if (list === undefined) return [];
      if (list.length < shortest.length) shortest = list;
    }
    return shortest.filter((thing) => selects(selector, thing.labels));
  }
}
