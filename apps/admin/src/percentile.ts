// A percentile of figures that `status` shows.

/** The value at the nearest rank: the least that `share` (0..1) of all are not above. null of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
