// Answers which of many host names, some with wildcards, overlaps a given one first. Same answer as asking `overlaps` of each.
import { overlaps } from './host.ts';

/** Text at the start of every wildcard but `*foo.com`, which is rare enough to be tried one by one. */
const WHOLE_LABELS = '*.';

/** Names with a position each; the lowest position wins. Built once, read many times. */
export class HostIndex {
  readonly #exact = new Map<string, number>();
  readonly #wildcards = new Map<string, number>();
  readonly #partial: { readonly name: string; readonly position: number }[] = [];
  /** For every `.suffix` of an added name: the lowest position of the names that end so. */
  readonly #bySuffix = new Map<string, number>();
  #any = Number.POSITIVE_INFINITY;
  #lowest = Number.POSITIVE_INFINITY;

  add(name: string, position: number): void {
    this.#lowest = Math.min(this.#lowest, position);
    if (name === '*') this.#any = Math.min(this.#any, position);
    else if (name.startsWith(WHOLE_LABELS)) lower(this.#wildcards, name.slice(1), position);
    else if (name.startsWith('*')) this.#partial.push({ name, position });
    else lower(this.#exact, name, position);
    for (const suffix of suffixes(name)) lower(this.#bySuffix, suffix, position);
  }

  /** The lowest position of an overlapping name, -1 if none overlaps. */
  first(host: string): number {
    if (host === '*') return Number.isFinite(this.#lowest) ? this.#lowest : -1;
    let best = this.#any;
    for (const { name, position } of this.#partial) if (position < best && overlaps(name, host)) best = position;
    if (!host.startsWith('*')) best = Math.min(best, this.#exact.get(host) ?? best);
    else if (host.startsWith(WHOLE_LABELS)) best = Math.min(best, this.#bySuffix.get(host.slice(1)) ?? best);
    else best = Math.min(best, this.#firstOfPartial(host));
    for (const suffix of suffixes(host)) best = Math.min(best, this.#wildcards.get(suffix) ?? best);
    return Number.isFinite(best) ? best : -1;
  }

  #firstOfPartial(host: string): number {
    let best = Number.POSITIVE_INFINITY;
    for (const names of [this.#exact, this.#wildcards])
      for (const [name, position] of names)
        if (position < best && overlaps(names === this.#exact ? name : `*${name}`, host)) best = position;
    return best;
  }
}

function lower(map: Map<string, number>, key: string, position: number): void {
  const known = map.get(key);
  if (known === undefined || position < known) map.set(key, position);
}

/** `.b.c` and `.c` of `a.b.c`; `.b.c` and `.c` of `*.b.c`. */
function* suffixes(name: string): Generator<string> {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) yield name.slice(dot);
}
