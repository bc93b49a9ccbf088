// Kubernetes' rules for names, namespaces, labels and annotations (its API's "Object Names and IDs", "Labels and Selectors").
import { labelEntryProblem } from './domain.ts';
import { fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import type { Metadata } from './metadata.ts';
import { quote } from './schema-check.ts';

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const NAMESPACE = new RegExp(`^${LABEL}$`);
const MAX_NAME = 253;
const MAX_LABEL = 63;
/** Has an effect on AuthorizationPolicy only. */
export const DRY_RUN = 'istio.io/dry-run';
/** Of all annotations of a resource together. */
const MAX_ANNOTATION_CHARACTERS = 256 * 1024;

/** Reports what is wrong; true if nothing is. */
export function checkMetadata(kind: string, metadata: Metadata, report: Report): boolean {
  let valid = true;
  const refuse = (path: string, message: string) => {
    valid = false;
    report('SLU1019', path, message);
  };
  const { name, namespace, labels, annotations } = metadata;
  if (name.length > MAX_NAME || !NAME.test(name)) {
    const form = 'a name has lower-case letters, digits, hyphens and dots, and begins and ends with a letter or digit';
    refuse('metadata.name', `invalid ${kind.toLowerCase()} name: ${quote(name)}: ${form}`);
  }
  if (namespace !== '' && (namespace.length > MAX_LABEL || !NAMESPACE.test(namespace))) {
    refuse('metadata.namespace', `invalid namespace: ${quote(namespace)}`);
  }
  for (const key of Object.keys(labels)) {
    const value = labels[key]!;
    const long = value.length > MAX_LABEL ? `invalid tag value: ${quote(value)} (too long)` : undefined;
    const problem = long ?? labelEntryProblem(key, value);
    if (problem !== undefined) refuse(fieldAt('metadata.labels', key), problem);
  }
  let characters = 0;
  for (const key of Object.keys(annotations)) {
    characters += key.length + annotations[key]!.length;
    const problem = labelEntryProblem(key, '');
    if (problem !== undefined) refuse(fieldAt('metadata.annotations', key), problem.replace('tag', 'annotation'));
  }
  if (characters > MAX_ANNOTATION_CHARACTERS) {
    refuse('metadata.annotations', `the annotations are longer than ${MAX_ANNOTATION_CHARACTERS} characters`);
  }
  return valid;
}

/** For Istio's kinds that know no dry run. */
export function checkDryRunAnnotation({ name, namespace, annotations }: Metadata, report: Report): void {
  if (annotations[DRY_RUN] === undefined) return;
  const message = `${namespace}/${name} has unsupported annotation ${DRY_RUN}, please remove the annotation`;
  report('SLU2075', `metadata.annotations["${DRY_RUN}"]`, message);
}
