// One line for each session at its close. Names as in Istio's JSON access log where it has them (ISTIO: telemetry_logging),
// with the version in force at the connection's arrival, which nobody else tells. It is written as text at once: an object
// for it, and pino's walk over that, cost a quarter of what the whole session costs (docs/performance.md).
import type { RelayReport } from '@sluice/engine';
import { type Outcome, outcomes } from '@sluice/session';
import type { Running } from './running.ts';

const quote = JSON.stringify;

/** The fields of a session's line as BulkLog takes them. `nowMs`: since 1970. */
export function sessionFields(running: Running, outcome: Outcome, report: RelayReport | null, nowMs: number): string {
  const { session } = running;
  const { version, upstream, endpoint } = session;
  return (
    `,"event":"session","session":${running.id},"listener":${quote(session.listenerName())}` +
    `,"version":${version.number},"route":${quote(session.routeName())}` +
    `,"cluster":${upstream === null ? '""' : quote(upstream.policy.name)}` +
    `,"endpoint":${endpoint === null ? '""' : quote(endpoint.key)}` +
    addressFields(running) +
    helloFields(running) +
    `,"bytesReceived":${report === null ? 0 : report.bytesUp},"bytesSent":${report === null ? 0 : report.bytesDown}` +
    `,"durationMs":${nowMs - running.startMs},"attempts":${session.attempts}` +
    `,"flag":"${outcomes[outcome].flag}","reason":"${outcome}"` +
    faultFields(running) +
    (report === null ? '' : `,"downstream":"${report.downstream}","upstream":"${report.upstream}"`)
  );
}

function addressFields({ session, upstreamAddresses }: Running): string {
  const { addresses, client } = session;
  let text = `,"source":${place(client.address, client.port)}`;
  if (client.address !== addresses.remoteAddress)
    text += `,"peer":${place(addresses.remoteAddress, addresses.remotePort)}`;
  text += `,"local":${place(addresses.localAddress, addresses.localPort)}`;
  if (upstreamAddresses !== null)
    text += `,"upstreamLocal":${place(upstreamAddresses.localAddress, upstreamAddresses.localPort)}`;
  return text;
}

/** What the client itself chose: the only text here that nobody has looked over. */
function helloFields({ session: { hello } }: Running): string {
  return hello === null ? '' : `,"sni":${quote(hello.serverName ?? '')},"alpn":${quote(hello.alpn)}`;
}

function faultFields({ session: { connectError, policy } }: Running): string {
  const text = connectError === '' ? '' : `,"connectError":${quote(connectError)}`;
  return policy === '' ? text : `${text},"policy":${quote(policy)}`;
}

/** Digits, colons and dots need no look at each; the zone of an IPv6 address is an interface's name, which may hold a quote. */
function place(address: string, port: number): string {
  return address.includes('%') ? quote(`${address}:${port}`) : `"${address}:${port}"`;
}
