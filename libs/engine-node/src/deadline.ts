// A deadline that what has arrived goes before: a thread that was held up finds its timers due first, and the bytes or the
// connect that came in time only then.

/** Calls back after `afterMs`, once everything that had arrived by then was told. Answers a way to call it off. */
export function deadline(afterMs: number, due: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(due);
  }, afterMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
