// What `admin status` says about the store itself: the memory or file it takes, and what is wrong with it.
import type { StoreHealth } from '@sluice/store';

export function storeUseJson({ usedBytes, limitBytes, warning, fault }: StoreHealth): object {
  return { usedBytes, limitBytes, warning: fault?.message ?? warning };
}

/** Nothing where there is no limit and nothing wrong. */
export function storeUseText({ usedBytes, limitBytes, warning, fault }: StoreHealth): string[] {
  const use = limitBytes === null ? [] : [`store: ${megabytes(usedBytes)} of ${megabytes(limitBytes)} MB in use`];
  const wrong = fault?.message ?? warning;
  return wrong === null || wrong === undefined ? use : [...use, `store: ${wrong}`];
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
