// What every session of an acceptor is held to, whatever its route says. Plain data with its reasons.

export interface SessionSettings {
  /** CIDRs whose connections begin with a PROXY header, which is then required; empty: none is ever believed. */
  readonly proxyFrom: readonly string[];
  /** For all first bytes together (PROXY header and ClientHello). Istio's listener filters wait 15 s. */
  readonly firstBytesDeadlineMs: number;
  /** For a TLS handshake that is ended here. Istio's gateway waits 15 s (PILOT_GATEWAY_TRANSPORT_SOCKET_CONNECT_TIMEOUT). */
  readonly handshakeDeadlineMs: number;
  /** Endpoints tried for one session, the first included. */
  readonly connectAttempts: number;
  /** After one side ended, how long the other may stay silent. 0 = no limit. */
  readonly halfCloseMs: number;
  /** After an operator ordered a session closed, how long its readers may take for what waits for them. 0 = no limit. */
  readonly closeMs: number;
}

export const defaultSettings: SessionSettings = {
  proxyFrom: [],
  firstBytesDeadlineMs: 15_000,
  handshakeDeadlineMs: 15_000,
  connectAttempts: 3,
  halfCloseMs: 3_600_000,
  closeMs: 10_000,
};
