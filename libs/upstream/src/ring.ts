// Consistent hashing: a client's address keeps its endpoint while endpoints come and go. Two forms, as in Istio's
// consistentHash: a hash ring (Karger 1997) and a Maglev table (Eisenbud 2016, section 3.4). Pure.
import { hashText } from './hash.ts';

export interface HashMember {
  readonly key: string;
  readonly weight: number;
}

/** Slots in hash order, each naming a member by its index. */
export interface HashTable {
  /** The member of a hash; `step` 0 is the first choice, further steps go on to other slots. */
  member(hash: number, step: number): number;
}

/** Points of all members on a ring of at least `size` points, in proportion to their weights. */
export function hashRing(members: readonly HashMember[], size: number): HashTable {
  const total = members.reduce((sum, member) => sum + member.weight, 0);
  const points: { at: number; member: number }[] = [];
  for (const [index, { key, weight }] of members.entries()) {
    const count = Math.max(1, Math.ceil((size * weight) / total));
    for (let i = 0; i < count; i++) points.push({ at: hashText(`${key}_${i}`), member: index });
  }
  points.sort((a, b) => a.at - b.at || a.member - b.member);
  const ats = Uint32Array.from(points, (point) => point.at);
  const owners = Int32Array.from(points, (point) => point.member);
  return {
    member: (hash, step) => owners[(firstAtLeast(ats, hash) + step) % owners.length],
  };
}

/** A table of `size` (a prime) slots that members fill in turn, each by a permutation of its own. */
export function maglevTable(members: readonly HashMember[], size: number): HashTable {
  const table = new Int32Array(size).fill(-1);
  const heaviest = members.reduce((most, member) => Math.max(most, member.weight), 1);
  const turns = members.map(({ key, weight }) => ({
    offset: hashText(key, 1) % size,
    skip: (hashText(key, 2) % (size - 1)) + 1,
    share: weight / heaviest,
    credit: 0,
    next: 0,
  }));
  for (let filled = 0; filled < size; ) {
    for (const [index, turn] of turns.entries()) {
      turn.credit += turn.share;
      if (turn.credit < 1) continue;
      turn.credit -= 1;
      let slot: number;
      do slot = (turn.offset + turn.next++ * turn.skip) % size;
      while (table[slot] !== -1);
      table[slot] = index;
      if (++filled === size) break;
    }
  }
  return { member: (hash, step) => table[(hash + step) % size] };
}

function firstAtLeast(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low === sorted.length ? 0 : low;
}
