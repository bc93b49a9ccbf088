// How a session came to its end, as logs and metrics tell it: one closed table. Flags are Envoy's (access log, %RESPONSE_FLAGS%),
// where Envoy has one for TCP.

export const outcomes = {
  closed: { flag: '-', meaning: 'both sides ended' },
  'downstream-reset': { flag: '-', meaning: 'the client reset the connection' },
  'upstream-reset': { flag: '-', meaning: 'the endpoint reset the connection' },
  'idle-timeout': { flag: '-', meaning: 'no byte either way for the idle timeout' },
  'half-close-timeout': { flag: '-', meaning: 'one side ended and the other stayed silent' },
  'max-duration': { flag: 'DT', meaning: 'the maximum connection duration was reached' },
  ordered: { flag: '-', meaning: 'closed by an operator or at the end of a drain' },
  'downstream-left': { flag: '-', meaning: 'the client left before a route was found, or in its TLS handshake' },
  'handshake-failed': { flag: '-', meaning: 'the TLS handshake failed; tlsError says why' },
  'handshake-timeout': { flag: '-', meaning: 'the TLS handshake did not end in time' },
  'no-certificate': { flag: '-', meaning: 'there is no certificate, or no client CA, to end TLS with' },
  'no-listener': { flag: 'NR', meaning: 'the listener is not part of the version in force' },
  'no-route': { flag: 'NR', meaning: 'no rule of the listener matches' },
  denied: { flag: '-', meaning: 'an authorization policy denies it' },
  'first-bytes-timeout': { flag: 'NR', meaning: 'the client did not send its first bytes in time' },
  'bad-proxy-header': { flag: 'NR', meaning: 'a PROXY header was required and is missing or malformed' },
  'no-endpoint': { flag: 'UH', meaning: 'the cluster has no endpoint' },
  overflow: { flag: 'UO', meaning: 'the cluster is at its maxConnections' },
  'connect-failed': { flag: 'UF', meaning: 'no endpoint tried could be connected to' },
} as const satisfies Record<string, { flag: string; meaning: string }>;

export type Outcome = keyof typeof outcomes;

export const outcomeNames = Object.keys(outcomes) as readonly Outcome[];
