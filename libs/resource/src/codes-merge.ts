// Codes SLU3xxx: rules across resources that Istio's analyzers do not number, and what Istio drops in silence.
import type { CodeRow } from './codes.ts';

export const MERGE_CODES = {} as const satisfies Record<string, CodeRow>;
