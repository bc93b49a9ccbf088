export { engineError } from './fault.ts';
export type * from './seam.ts';
