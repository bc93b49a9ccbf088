// One line for each session at its close. Names as in Istio's JSON access log where it has them (ISTIO: telemetry_logging),
// with the version in force at the connection's arrival, which nobody else tells. It is written where it goes at once: an
// object for it, and pino's walk over that, cost a quarter of what the whole session costs (docs/performance.md).
import type { RelayReport } from '@sluice/engine';
import type { Line } from '@sluice/observe';
import { type Outcome, outcomes, type SecuredWith } from '@sluice/session';
import type { Running } from './running.ts';

/** Writes the fields of a session's line. `nowMs`: since 1970. */
export function writeSession(
  line: Line,
  running: Running,
  outcome: Outcome,
  report: RelayReport | null,
  nowMs: number,
): void {
  const { session } = running;
  const { upstream, endpoint } = session;
  line.text(',"event":"session","session":').number(running.id);
  line.text(',"listener":').quoted(session.listenerName());
  line.text(',"version":').number(session.version.number);
  line.text(',"route":').quoted(session.routeName());
  line.text(',"cluster":').quoted(upstream === null ? '' : upstream.policy.name);
  line.text(',"endpoint":').quoted(endpoint === null ? '' : endpoint.key);
  writeAddresses(line, running);
  writeHello(line, running);
  if (session.tls !== null) writeTls(line, session.tls);
  line.text(',"bytesReceived":').number(report === null ? 0 : report.bytesUp);
  line.text(',"bytesSent":').number(report === null ? 0 : report.bytesDown);
  line.text(',"durationMs":').number(nowMs - running.startMs);
  line.text(',"attempts":').number(session.attempts);
  line.text(',"flag":"').text(outcomes[outcome].flag).text('","reason":"').text(outcome).text('"');
  if (session.connectError !== '') line.text(',"connectError":').quoted(session.connectError);
  if (session.tlsError !== '') line.text(',"tlsError":').quoted(session.tlsError);
  if (session.policy !== '') line.text(',"policy":').quoted(session.policy);
  if (report === null) return;
  line.text(',"downstream":"').text(report.downstream).text('","upstream":"').text(report.upstream).text('"');
}

function writeAddresses(line: Line, { session, upstreamLocal }: Running): void {
  const { addresses, client } = session;
  writeAddress(line.text(',"source":'), client.address, client.port);
  if (client.address !== addresses.remoteAddress)
    writeAddress(line.text(',"peer":'), addresses.remoteAddress, addresses.remotePort);
  writeAddress(line.text(',"local":'), addresses.localAddress, addresses.localPort);
  if (upstreamLocal !== null) writeAddress(line.text(',"upstreamLocal":'), upstreamLocal.address, upstreamLocal.port);
}

function writeTls(line: Line, { version, cipher, resumed }: SecuredWith): void {
  line.text(',"tls":"').text(version).text('","tlsCipher":"').text(cipher).text('"');
  if (resumed) line.text(',"tlsResumed":true');
}

/** What the client itself chose: the only text here that nobody has looked over. */
function writeHello(line: Line, { session: { hello } }: Running): void {
  if (hello === null) return;
  line.text(',"sni":').quoted(hello.serverName ?? '');
  line.text(',"alpn":').text(JSON.stringify(hello.alpn));
}

/** The zone of an IPv6 address is an interface's name, which may hold anything; the rest is digits, colons and dots. */
function writeAddress(line: Line, address: string, port: number): void {
  if (address.includes('%')) line.quoted(`${address}:${port}`);
  else line.text('"').text(address).text(':').number(port).text('"');
}
