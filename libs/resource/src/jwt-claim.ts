// Istio's pseudo header by which an http route matches a claim of a JWT.

const CLAIM = /^@request\.auth\.claims(?:\..+|\[.+\])$/i;

/** Whether a header's name stands for a claim: `@request.auth.claims.NAME` or `@request.auth.claims[NAME]`. */
export function claimInHeader(name: string): boolean {
  return CLAIM.test(name);
}
