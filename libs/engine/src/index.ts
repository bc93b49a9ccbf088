export { engineError, engineErrors } from './fault.ts';
export type * from './seam.ts';
