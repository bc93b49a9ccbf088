// Chooses the endpoint of a cluster for one session. It reads live counts, and neither connects nor counts.
import type { Balancer } from '@sluice/route-table';
import { hashText } from './hash.ts';
import { active, type Live } from './live.ts';
import { type HashTable, hashRing, maglevTable } from './ring.ts';

/** Up to so many endpoints, the least loaded is found by looking at all; beyond, the better of two at random is taken. */
const scanLimit = 16;

/** How many slots of a hash table are tried for one whose member was not tried yet, before any other is taken. */
const probeLimit = 64;

/** A cluster as a worker balances over it; made once for a version. */
export interface Members {
  readonly balancer: Balancer;
  /** Minimum ring size, or Maglev's table size. */
  readonly hashTableSize: number;
  readonly count: number;
  key(n: number): string;
  weight(n: number): number;
  /** Its slot in the live region. */
  slot(n: number): number;
}

/** What outlives versions for a cluster: where round robin stands. */
export interface Position {
  next: number;
}

/** A choice of endpoint n of the members, or -1 where every one was tried. */
export type Pick = (source: string, tried: readonly number[], position: Position) => number;

/** `random`: uniform in [0, 1). */
export function balancer(members: Members, live: Live, random: () => number): Pick {
  if (members.count === 0) return () => -1;
  const choose = chooser(members, live, random);
  return (source, tried, position) => {
    if (tried.length >= members.count) return -1;
    const first = choose(source, tried, position);
    return tried.includes(first) ? nextUntried(first, tried, members.count) : first;
  };
}

function chooser(members: Members, live: Live, random: () => number): Pick {
  const spread = weightSpread(members);
  switch (members.balancer) {
    case 'random':
      return () => spread.at(Math.floor(random() * spread.total));
    case 'least-request':
    case 'passthrough':
      return leastRequest(members, live, spread, random);
    case 'source-ip-ring':
    case 'source-ip-maglev':
      return bySource(members);
    default:
      return (_source, _tried, position) => spread.at(spread.turn(position.next++));
  }
}

/** Scores by sessions over weight; on a tie the next in turn, so that idle endpoints are taken round robin. */
function leastRequest(members: Members, live: Live, spread: Spread, random: () => number): Pick {
  const load = (n: number) => (active(live, members.slot(n)) + 1) / members.weight(n);
  if (members.count > scanLimit) {
    return (_source, tried) => {
      const one = spread.at(Math.floor(random() * spread.total));
      const other = spread.at(Math.floor(random() * spread.total));
      if (tried.includes(one)) return other;
      return tried.includes(other) || load(one) <= load(other) ? one : other;
    };
  }
  return (_source, tried, position) => {
    const start = position.next++;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < members.count; i++) {
      const n = (start + i) % members.count;
      const score = tried.includes(n) ? Number.POSITIVE_INFINITY : load(n);
      if (score < least) {
        best = n;
        least = score;
      }
    }
    return best;
  };
}

function bySource(members: Members): Pick {
  const list = Array.from({ length: members.count }, (_, n) => ({ key: members.key(n), weight: members.weight(n) }));
  const table: HashTable =
    members.balancer === 'source-ip-ring'
      ? hashRing(list, members.hashTableSize)
      : maglevTable(list, members.hashTableSize);
  return (source, tried) => {
    const hash = hashText(source);
    for (let step = 0; step < probeLimit; step++) {
      const n = table.member(hash, step);
      if (!tried.includes(n)) return n;
    }
    return table.member(hash, 0);
  };
}

function nextUntried(after: number, tried: readonly number[], count: number): number {
  for (let i = 1; i <= count; i++) {
    const n = (after + i) % count;
    if (!tried.includes(n)) return n;
  }
  return -1;
}

interface Spread {
  readonly total: number;
  /** The endpoint that owns place 0..total-1. */
  at(place: number): number;
  /** The place of the k-th turn: every place once in `total` turns, far apart from turn to turn. */
  turn(k: number): number;
}

function weightSpread(members: Members): Spread {
  const ends = new Float64Array(members.count);
  let total = 0;
  for (let n = 0; n < members.count; n++) ends[n] = total += members.weight(n);
  const even = total === members.count;
  const stride = even ? 1 : coprimeNear(Math.floor(total * 0.618), total);
  return {
    total,
    at: even ? (place) => place : (place) => firstAbove(ends, place),
    turn: (k) => ((k % total) * stride) % total,
  };
}

function coprimeNear(start: number, total: number): number {
  for (let stride = Math.max(1, start); ; stride++) if (greatestDivisor(stride, total) === 1) return stride;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function firstAbove(ends: Float64Array, place: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
