// Weighted choice by alias table: one column, one comparison, whatever the count (Vose, 1991).

import { DESTINATION, RULE } from './layout.ts';
import type { RouteTable } from './table.ts';

const RANDOM_SPAN = 2 ** 32;

export interface AliasColumn {
  /** Of 2^32: below it the column's own item, else the alias. */
  readonly threshold: number;
  readonly alias: number;
}

/** Columns for weights (integers from 0, their sum above 0). */
export function aliasColumns(weights: readonly number[]): AliasColumn[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const scaled = weights.map((weight) => weight * weights.length);
  const columns: AliasColumn[] = weights.map((_, alias) => ({ threshold: RANDOM_SPAN - 1, alias }));
  const small: number[] = [];
  const large: number[] = [];
  for (const [index, weight] of scaled.entries()) (weight < sum ? small : large).push(index);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!;
    const more = large[large.length - 1];
    const threshold = Math.min(Math.round((scaled[less] / sum) * RANDOM_SPAN), RANDOM_SPAN - 1);
    columns[less] = { threshold, alias: more };
    scaled[more] -= sum - scaled[less];
    if (scaled[more] < sum) small.push(large.pop()!);
  }
  return columns;
}

/** The cluster for a route and 32 random bits (signed or unsigned); as often as its weight says, to within 2^-32 a column. */
export function pickDestination(table: RouteTable, route: number, random: number): number {
  const { rules, destinations } = table;
  const first = rules[route * RULE.stride + RULE.destinationStart];
  const count = rules[route * RULE.stride + RULE.destinationCount];
  if (count === 1) return destinations[first * DESTINATION.stride + DESTINATION.cluster];
  const scaled = (random >>> 0) * count;
  const column = Math.floor(scaled / RANDOM_SPAN);
  const at = (first + column) * DESTINATION.stride;
  const isOwn = scaled - column * RANDOM_SPAN < destinations[at + DESTINATION.threshold] >>> 0;
  return destinations[at + (isOwn ? DESTINATION.cluster : DESTINATION.alias)];
}
