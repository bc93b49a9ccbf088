// Labels and the selectors that match them by equality. Knows nothing of resources.

export type Labels = Readonly<Record<string, string>>;

/** Whether every label of the selector is there with the same value; an empty or absent selector selects everything. */
export function selects(selector: Labels | undefined, labels: Labels): boolean {
  for (const key in selector) if (!Object.hasOwn(labels, key) || labels[key] !== selector[key]) return false;
  return true;
}

/** A selector as Kubernetes prints it: `a=1,b=2`, sorted. */
export function formatLabels(labels: Labels | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

/** Whether the selector has any label at all. */
export function isEmpty(selector: Labels | undefined): boolean {
  return selector === undefined || Object.keys(selector).length === 0;
}
