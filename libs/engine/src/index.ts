export { engineError, engineErrors } from './fault.ts';
export type * from './seam.ts';
export type * from './tls.ts';
export { movedTo, tlsEngineFor } from './tls-move.ts';
