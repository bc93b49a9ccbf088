// Codes SLU1xxx: a file or a document cannot be read, or does not fit the schema of its kind.
import type { CodeRow } from './codes.ts';

export const PARSE_CODES = {
  SLU1001: { level: 'error', title: 'the YAML or JSON cannot be read', solve: 'correct the syntax at the given place' },
  SLU1002: {
    level: 'error',
    title: 'a document is not a resource',
    solve: 'a resource is a mapping with apiVersion, kind, metadata and spec',
  },
  SLU1003: {
    level: 'error',
    title: 'a key stands twice in one mapping',
    solve: 'keep one of the two; YAML forbids both',
  },
  SLU1004: {
    level: 'error',
    title: 'a limit is exceeded',
    solve: 'split the file or the resource; the message names the limit',
  },
  SLU1005: { level: 'error', title: 'a key cannot be used', solve: 'use text keys, and not `__proto__`' },
  SLU1006: {
    level: 'error',
    title: 'a YAML feature is not supported',
    solve: 'write the value out: directives, tags and complex keys are not read',
  },
  SLU1007: {
    level: 'error',
    title: 'an alias or merge key cannot be resolved',
    solve: 'define the anchor before its use in the same document; do not let it contain itself',
  },
  SLU1008: { level: 'notice', title: 'more issues than can be shown', solve: 'correct those shown and try again' },
  SLU1010: {
    level: 'error',
    title: 'unknown kind',
    solve: 'check the spelling and the apiVersion; the message names the nearest kind',
  },
  SLU1011: {
    level: 'error',
    title: 'unknown apiVersion for the kind',
    solve: 'use one of the versions the message names',
  },
  SLU1012: {
    level: 'error',
    title: 'unknown field',
    solve: 'check the spelling and the indentation; a field Sluice does not know is never dropped in silence',
  },
  SLU1013: { level: 'error', title: 'a required field is missing', solve: 'add the field' },
  SLU1014: {
    level: 'error',
    title: 'a value is of the wrong type',
    solve: 'write the type the message asks for; quote a text that looks like a number or a boolean',
  },
  SLU1015: {
    level: 'error',
    title: 'a value is not among those allowed',
    solve: 'use one of the values the message names',
  },
  SLU1016: { level: 'error', title: 'a value is out of range', solve: 'stay within the range the message names' },
  SLU1017: { level: 'error', title: 'a value has the wrong form', solve: 'write it in the form the message asks for' },
  SLU1018: {
    level: 'error',
    title: 'a resource stands twice in the set',
    solve: 'keep one of the two, or give one another name or namespace',
  },
  SLU1019: {
    level: 'error',
    title: 'a name, namespace, label or annotation is invalid',
    solve: 'follow the rules of Kubernetes for names and labels',
  },
  SLU1020: {
    level: 'notice',
    title: 'a kind is accepted and not applied',
    solve: 'nothing: the message tells what Sluice does not do with it',
  },
  SLU1021: {
    level: 'notice',
    title: 'a field is accepted and not applied',
    solve: 'nothing, or remove the field: the message tells what Sluice does not do with it',
  },
} as const satisfies Record<string, CodeRow>;
