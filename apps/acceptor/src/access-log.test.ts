import { BulkLog, type Line } from '@sluice/observe';
import { outcomeNames, outcomes } from '@sluice/session';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeSession } from './access-log.ts';
import type { Running } from './running.ts';

const test = suite('access log');

/** Whatever a text may hold: quotes, controls, line separators, lone surrogates. */
const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\0', '\u2028', '\ud800', '\udc00', '世', '\x7f') }),
);
const port = fc.integer({ min: 0, max: 65_535 });
const zoned = hostile.map((zone) => `fe80::1%${zone}`);
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant(''), zoned);
const count = fc.nat({ max: 2 ** 45 });
const addresses = fc.record({ localAddress: address, localPort: port, remoteAddress: address, remotePort: port });
const ended = fc.constantFrom('end', 'reset', 'timeout', 'ordered', 'open');

const session = fc
  .record({
    addresses,
    proxied: fc.option(fc.record({ address, port })),
    hello: fc.option(fc.record({ serverName: fc.option(hostile), alpn: fc.array(hostile, { maxLength: 3 }) })),
    upstream: fc.option(fc.record({ policy: fc.record({ name: hostile }) })),
    endpoint: fc.option(fc.record({ key: hostile })),
    attempts: fc.nat({ max: 3 }),
    tls: fc.option(
      fc.record({
        version: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
        cipher: fc.constantFrom('TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'),
        resumed: fc.boolean(),
      }),
    ),
    tlsError: fc.oneof(fc.constant(''), hostile),
    connectError: fc.oneof(fc.constant(''), hostile),
    policy: fc.oneof(fc.constant(''), hostile),
    version: fc.record({ number: count }),
    listener: hostile,
    route: hostile,
  })
  .map(({ proxied, listener, route, ...rest }) => ({
    ...rest,
    client: proxied ?? { address: rest.addresses.remoteAddress, port: rest.addresses.remotePort },
    listenerName: () => listener,
    routeName: () => route,
  }));

const running = fc.record({
  id: count,
  startMs: count,
  upstreamLocal: fc.option(fc.record({ address, port })),
  session,
});
const report = fc.option(fc.record({ downstream: ended, upstream: ended, bytesUp: count, bytesDown: count }));

/** The same as an object, for pino to write. */
function fieldsOf(
  { id, startMs, upstreamLocal, session }: Running,
  outcome: (typeof outcomeNames)[number],
  told: { downstream: string; upstream: string; bytesUp: number; bytesDown: number } | null,
  nowMs: number,
): object {
  const { addresses, client, hello } = session;
  return {
    event: 'session',
    session: id,
    listener: session.listenerName(),
    version: session.version.number,
    route: session.routeName(),
    cluster: session.upstream?.policy.name ?? '',
    endpoint: session.endpoint?.key ?? '',
    source: `${client.address}:${client.port}`,
    ...(client.address !== addresses.remoteAddress
      ? { peer: `${addresses.remoteAddress}:${addresses.remotePort}` }
      : {}),
    local: `${addresses.localAddress}:${addresses.localPort}`,
    ...(upstreamLocal !== null ? { upstreamLocal: `${upstreamLocal.address}:${upstreamLocal.port}` } : {}),
    ...(hello !== null ? { sni: hello.serverName ?? '', alpn: hello.alpn } : {}),
    ...(session.tls !== null ? { tls: session.tls.version, tlsCipher: session.tls.cipher } : {}),
    ...(session.tls?.resumed === true ? { tlsResumed: true } : {}),
    bytesReceived: told?.bytesUp ?? 0,
    bytesSent: told?.bytesDown ?? 0,
    durationMs: nowMs - startMs,
    attempts: session.attempts,
    flag: outcomes[outcome].flag,
    reason: outcome,
    ...(session.connectError !== '' ? { connectError: session.connectError } : {}),
    ...(session.tlsError !== '' ? { tlsError: session.tlsError } : {}),
    ...(session.policy !== '' ? { policy: session.policy } : {}),
    ...(told !== null ? { downstream: told.downstream, upstream: told.upstream } : {}),
  };
}

test('a line is what pino writes for the same fields, and JSON reads it, whatever a client or a resource is called', () => {
  const lines: string[] = [];
  const log = new BulkLog({
    component: 'acceptor',
    level: 'info',
    fields: { acceptor: 'a', worker: 0 },
    writeBytes: 1,
    later: () => {},
    open: (done) => ({
      write: (bytes) => {
        lines.push(Buffer.from(bytes).toString());
        done(bytes.length);
      },
      flushSync: () => {},
    }),
  });
  const withoutTime = (line: string) => line.replace(/"time":"[^"]*"/, '"time":""');
  fc.assert(
    fc.property(running, fc.constantFrom(...outcomeNames), report, count, (one, outcome, told, nowMs) => {
      const each = one as unknown as Running;
      lines.length = 0;
      writeSession(log.beginInfo(0) as Line, each, outcome, told as never, nowMs);
      log.end();
      log.logger.info(fieldsOf(each, outcome, told, nowMs));
      void log.flushed();
      const [own, pinos] = lines as [string, string];
      assert.is(lines.length, 2);
      assert.is(withoutTime(own), withoutTime(pinos));
      assert.is(own.indexOf('\n'), own.length - 1);
      const { sni, reason } = JSON.parse(own);
      assert.is(reason, outcome);
      assert.is(
        sni?.toWellFormed(),
        one.session.hello === null ? undefined : (one.session.hello.serverName ?? '').toWellFormed(),
      );
    }),
    { numRuns: 1000 },
  );
});

test.run();
