// The two questions that checking a table asks of a section: is a field in its range, and do spans follow on each other.

/** A field's offset in the record, with the lowest and highest word that it may hold. */
export type Bound = readonly [field: number, low: number, high: number];

/** Where a field is out of its range, as `section[record] field n`; undefined where none is. */
export function outOfRange(
  section: string,
  words: Int32Array,
  stride: number,
  bounds: readonly Bound[],
): string | undefined {
  for (const [field, low, high] of bounds) {
    for (let at = field; at < words.length; at += stride) {
      if (words[at] < low || words[at] > high) return `${section}[${(at - field) / stride}] word ${field}`;
    }
  }
  return undefined;
}

export interface Spans {
  readonly section: string;
  readonly words: Int32Array;
  readonly stride: number;
  /** The field that says where a span begins; the next one is its count. */
  readonly field: number;
}

/**
 * Spans written one after the other: each begins where the one before ended, the first at `from`. So no two overlap,
 * and checking what they hold takes one pass. Gives the end, or where it is broken.
 */
export function followOn({ section, words, stride, field }: Spans, from: number, limit: number): number | string {
  let expected = from;
  for (let at = field; at < words.length; at += stride) {
    const count = words[at + 1];
    if (words[at] !== expected || count < 0 || count > limit - expected) {
      return `${section}[${(at - field) / stride}] word ${field}`;
    }
    expected += count;
  }
  return expected;
}

/** For every place how many words before it are not in 0..below-1: whether a span is sound is then one subtraction. */
export function strayCounts(words: Int32Array, below: number): Int32Array {
  const counts = new Int32Array(words.length + 1);
  for (let at = 0; at < words.length; at++) counts[at + 1] = counts[at] + (words[at] >= 0 && words[at] < below ? 0 : 1);
  return counts;
}

/** Whether a span lies in the list and holds no stray. */
export function isSoundSpan(strays: Int32Array, start: number, count: number): boolean {
  return start >= 0 && count >= 0 && start <= strays.length - 1 - count && strays[start + count] === strays[start];
}
