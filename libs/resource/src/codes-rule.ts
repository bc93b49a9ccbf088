// Codes SLU2xxx: one resource breaks a rule that its schema cannot express (Istio: the admission webhook).
import type { CodeRow } from './codes.ts';

export const RULE_CODES = {
  SLU2001: { level: 'error', title: 'invalid port number', solve: 'use a number from 1 to 65535' },
  SLU2002: { level: 'error', title: 'invalid host name', solve: 'use a DNS name; a wildcard only as the first label' },
} as const satisfies Record<string, CodeRow>;
