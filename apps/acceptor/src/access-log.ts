// One line for each session at its close. Names as in Istio's JSON access log where it has them (ISTIO: telemetry_logging),
// with the version in force at the connection's arrival, which nobody else tells.
import type { RelayReport } from '@sluice/engine';
import { type Outcome, outcomes } from '@sluice/session';
import type { Running } from './running.ts';

export function accessFields(running: Running, outcome: Outcome, report: RelayReport | null): object {
  const { session, upstreamAddresses: upstream } = running;
  const { addresses, client, hello } = session;
  const { listener, route } = session.names();
  return {
    event: 'session',
    session: running.id,
    listener,
    version: session.version.number,
    route,
    cluster: session.upstream?.policy.name ?? '',
    endpoint: session.endpoint?.key ?? '',
    source: `${client.address}:${client.port}`,
    ...(client.address !== addresses.remoteAddress
      ? { peer: `${addresses.remoteAddress}:${addresses.remotePort}` }
      : {}),
    local: `${addresses.localAddress}:${addresses.localPort}`,
    ...(upstream !== null ? { upstreamLocal: `${upstream.localAddress}:${upstream.localPort}` } : {}),
    ...(hello !== null ? { sni: hello.serverName ?? '', alpn: hello.alpn } : {}),
    bytesReceived: report?.bytesUp ?? 0,
    bytesSent: report?.bytesDown ?? 0,
    durationMs: Date.now() - running.startMs,
    attempts: session.attempts,
    flag: outcomes[outcome].flag,
    reason: outcome,
    ...(session.connectError !== '' ? { connectError: session.connectError } : {}),
    ...(session.policy !== '' ? { policy: session.policy } : {}),
    ...(report !== null ? { downstream: report.downstream, upstream: report.upstream } : {}),
  };
}
