// Field paths: `spec.servers[0].port.number` as text and as a list of keys. Knows nothing of schemas or files.

/** A field of a resource as text: names joined by dots, list positions in brackets, other keys quoted in brackets. */
export type FieldPath = string;

/** The same as a list: names and 0-based positions. */
export type FieldKeys = readonly (string | number)[];

const PLAIN_NAME = /^[A-Za-z_$][\w$-]*$/;

/** Appends one name or position to a path. */
export function fieldAt(path: FieldPath, key: string | number): FieldPath {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!PLAIN_NAME.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Writes keys as text. */
export function formatFieldPath(keys: FieldKeys): FieldPath {
  let path = '';
  for (const key of keys) path = fieldAt(path, key);
  return path;
}

const STEP = /\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads a path back into keys; what cannot be read ends the list, so that a caller gets the nearest known ancestor. */
export function parseFieldPath(path: FieldPath): FieldKeys {
  const keys: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const step = STEP.exec(path);
    if (step === null) break;
    if (step[1] !== undefined) keys.push(step[1]);
    else if (step[2] !== undefined) keys.push(Number(step[2]));
    else keys.push(JSON.parse(step[3]!) as string);
  }
  return keys;
}
