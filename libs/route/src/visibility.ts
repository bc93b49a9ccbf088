// `exportTo`: from which namespaces a resource can be seen (Istio: `pkg/config/visibility`).

/** Kubernetes Services say it in an annotation instead of a field. */
export const EXPORT_TO_ANNOTATION = 'networking.istio.io/exportTo';

/** `*`: seen from everywhere. */
export const EVERYWHERE = '*';

export type Visibility = ReadonlySet<string>;

const PUBLIC: Visibility = new Set([EVERYWHERE]);

/** Namespaces that see a resource of `namespace`; none written means all, `.` its own, `~` none. */
export function visibilityOf(exportTo: readonly string[] | undefined, namespace: string): Visibility {
  if (exportTo === undefined || exportTo.length === 0) return PUBLIC;
  return new Set(exportTo.filter((scope) => scope !== '~').map((scope) => (scope === '.' ? namespace : scope)));
}

/** The same for a Service's annotation, a list with commas. */
export function visibilityOfService(annotations: Readonly<Record<string, string>>, namespace: string): Visibility {
  const text = annotations[EXPORT_TO_ANNOTATION] ?? '';
  return visibilityOf(text === '' ? undefined : text.split(',').map((scope) => scope.trim()), namespace);
}

export function isVisible(visibility: Visibility, namespace: string): boolean {
  return visibility.has(EVERYWHERE) || visibility.has(namespace);
}
