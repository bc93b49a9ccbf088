// What a bench says of a figure that it took many times. Pure.

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/**
 * The median, and the two values between which that of many more would lie with 95 %: order statistics of the binomial,
 * whatever the distribution. `values`: one or more; of fewer than six the two are the least and the most.
 */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const reach = 0.98 * Math.sqrt(sorted.length);
  return {
    low: sorted[Math.max(0, Math.floor(half - reach))] as number,
    median: median(values),
    high: sorted[Math.min(sorted.length - 1, Math.ceil(half + reach))] as number,
  };
}

/** Of one value or more. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
