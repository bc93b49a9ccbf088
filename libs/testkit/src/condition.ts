// Waiting for conditions. A deadline here only ends a test that would never end; nothing is measured by it.

const lookMs = 10;
const deadlineMs = 30_000;

/** Asks again and again until the answer is neither false, null nor undefined; rejects with `what`, as it is by then, after the deadline. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string | (() => string),
  withinMs = deadlineMs,
): Promise<NonNullable<Exclude<T, false>>> {
  const late = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > late) {
      throw new Error(`${typeof what === 'string' ? what : what()} did not come about within ${withinMs / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
