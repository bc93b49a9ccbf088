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

/** Labels that a message tells; whoever has written thousands would read a message as long for each of his ports. */
const MAX_TOLD = 20;

/** The same for a message: not more than 20 of them. */
export function tellLabels(labels: Labels | undefined): string {
  const keys = Object.keys(labels ?? {});
  if (keys.length <= MAX_TOLD) return formatLabels(labels);
  const told = keys.sort().slice(0, MAX_TOLD);
  return `${formatLabels(Object.fromEntries(told.map((key) => [key, labels![key]!])))},...`;
}

/** Whether the selector has any label at all. */
export function isEmpty(selector: Labels | undefined): boolean {
  return selector === undefined || Object.keys(selector).length === 0;
}
