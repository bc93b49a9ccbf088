// Conformance: ending TLS, and what a relay makes of an end with TLS ended: the same as of a plain one.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import type { Case } from './index.ts';
import { until } from './rig.ts';
import { certificates, joinedByTls, mutual, nextEnd, secure, terms, tlsClient } from './tls-rig.ts';

const megabyte = 1 << 20;

export const secureCases: readonly Case[] = [
  {
    name: 'TLS is ended: the payload goes both ways and is counted, and two closes end it as closed',
    async run(rig) {
      for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
        const { client, upstream, report, secured } = await joinedByTls(rig, { client: { maxVersion } });
        assert.is(secured.version, maxVersion);
        assert.match(secured.cipher, /^TLS_/);
        client.socket.write('ping');
        assert.is(await upstream.text(4), 'ping');
        upstream.socket.write('pong!');
        assert.is(await client.text(5), 'pong!');
        client.socket.end();
        await upstream.until((peer) => peer.ended);
        upstream.socket.end();
        assert.equal(await report, { cause: 'closed', downstream: 'end', upstream: 'end', bytesUp: 4, bytesDown: 5 });
        await until(() => rig.tls.held() + rig.worker.held() === 0);
      }
    },
  },
  {
    name: 'bytes that were looked at before the handshake are part of it, those discarded are not',
    async run(rig) {
      const at = await rig.listen();
      const plain = connect({ host: at.address, port: at.port });
      plain.write('HEADER');
      const client = tlsClient(rig, at, { socket: plain });
      const { end } = await rig.taken();
      await rig.peek(end, { bytes: 4096, deadlineMs: 60_000 }, (bytes) => (bytes.length > 100 ? 'enough' : 'more'));
      rig.worker.discard(end, 6);
      const moved = rig.tls === rig.worker ? end : rig.tls.adopt(rig.worker.detach(end));
      assert.is(rig.tls.addresses(moved).remotePort, plain.localPort);
      assert.ok((await secure(rig, moved, terms())).ok);
      rig.tls.close(moved);
      await client.until((peer) => peer.ended);
      assert.ok(client.socket.authorized);
    },
  },
  {
    name: 'what the client sent with its last handshake message, and the end behind it, is relayed',
    async run(rig) {
      const at = await rig.listen();
      const client = tlsClient(rig, at);
      client.socket.end('early');
      const { upstream, report } = await joinedOver(rig, at);
      assert.is(await upstream.text(5), 'early');
      await upstream.until((peer) => peer.ended);
      upstream.socket.end('late');
      assert.is(await client.text(4), 'late');
      assert.is((await report).cause, 'closed');
    },
  },
  {
    name: 'the client may end and still be answered',
    async run(rig) {
      const { client, upstream, report } = await joinedByTls(rig);
      client.socket.end('question');
      await upstream.until((peer) => peer.ended);
      assert.is(upstream.received().toString(), 'question');
      upstream.socket.end('answer');
      assert.is(await client.text(6), 'answer');
      assert.is((await report).cause, 'closed');
    },
  },
  {
    name: 'the endpoint may end first, and is still told what the client says',
    async run(rig) {
      const { client, upstream, report } = await joinedByTls(rig, { client: { allowHalfOpen: true } as object });
      upstream.socket.end('bye');
      assert.is(await client.text(3), 'bye');
      client.socket.end();
      assert.is((await report).cause, 'closed');
    },
  },
  {
    name: 'an end without close_notify is a reset, and what came before it is relayed',
    async run(rig) {
      const at = await rig.listen();
      const plain = connect({ host: at.address, port: at.port, allowHalfOpen: true });
      const client = tlsClient(rig, at, { socket: plain });
      const { upstream, report } = await joinedOver(rig, at);
      client.socket.write('part', () => plain.end());
      const { cause, downstream, bytesUp } = await report;
      assert.equal([cause, downstream, bytesUp], ['downstream-reset', 'reset', 4]);
      await upstream.until((peer) => peer.closed);
      assert.is(upstream.errno, 'ECONNRESET');
      await until(() => rig.tls.held() + rig.worker.held() === 0);
    },
  },
  {
    name: 'a reset of either side is a reset of the other',
    async run(rig) {
      const first = await joinedByTls(rig);
      first.upstream.socket.resetAndDestroy();
      assert.is((await first.report).cause, 'upstream-reset');
      await first.client.until((peer) => peer.closed);
      assert.is(first.client.errno, 'ECONNRESET');
      const at = await rig.listen(8);
      const plain = connect({ host: at.address, port: at.port });
      tlsClient(rig, at, { socket: plain });
      const second = await joinedOver(rig, at);
      plain.resetAndDestroy();
      assert.is((await second.report).cause, 'downstream-reset');
      await second.upstream.until((peer) => peer.closed);
    },
  },
  {
    name: 'a client that leaves after its handshake, before there is an endpoint, is a reset of the endpoint',
    async run(rig) {
      for (const leave of ['destroy', 'end', 'resetAndDestroy'] as const) {
        const at = await rig.listen();
        const plain = connect({ host: at.address, port: at.port });
        const client = tlsClient(rig, at, { socket: plain });
        const end = await nextEnd(rig);
        assert.ok((await secure(rig, end, terms())).ok);
        await client.until(() => client.socket.getProtocol() !== null);
        plain[leave]();
        // Whoever holds the end has turns enough to see it.
        for (let session = 0; session < 5; session++) await pingOnce(rig);
        const { upstream, report } = await rig.joinTo(rig.tls, end, await rig.endpoint());
        const { cause, downstream, bytesUp } = await report;
        assert.equal([cause, downstream, bytesUp], ['downstream-reset', 'reset', 0], leave);
        await upstream.until((peer) => peer.closed);
        await until(() => rig.tls.held() + rig.worker.held() === 0);
      }
    },
  },
  {
    name: 'megabytes pass both ways unharmed while one side reads slowly',
    async run(rig) {
      const { client, upstream, relay, report } = await joinedByTls(rig);
      const bulk = Buffer.alloc(32 * megabyte, 'abcdefghijklmnopq');
      const digest = createHash('sha256').update(bulk).digest('hex');
      for (const [from, to, taken] of [
        [client, upstream, () => relay.bytesUp],
        [upstream, client, () => relay.bytesDown],
      ] as const) {
        to.socket.pause();
        from.socket.end(bulk);
        for (let session = 0; session < 5; session++) await pingOnce(rig);
        assert.ok(taken() < 24 * megabyte, `${taken()} bytes taken for one who reads none`);
        to.socket.resume();
        await to.until((peer) => peer.ended);
        assert.is(createHash('sha256').update(to.received()).digest('hex'), digest);
      }
      const { cause, bytesUp, bytesDown } = await report;
      assert.equal([cause, bytesUp, bytesDown], ['closed', bulk.length, bulk.length]);
    },
  },
  {
    name: 'limits and orders hold as on plain sessions',
    async run(rig) {
      const idle = await joinedByTls(rig, { limits: { idleMs: 30 } });
      assert.is((await idle.report).cause, 'idle-timeout');
      await idle.client.until((peer) => peer.closed);
      const long = await joinedByTls(rig, { limits: { maxDurationMs: 30 } });
      assert.is((await long.report).cause, 'max-duration');
      const closing = await joinedByTls(rig);
      closing.relay.end('close');
      assert.is((await closing.report).cause, 'ordered');
      await closing.client.until((peer) => peer.ended);
      const resetting = await joinedByTls(rig);
      resetting.relay.end('reset');
      assert.is((await resetting.report).cause, 'ordered');
      await resetting.client.until((peer) => peer.closed);
      assert.is(resetting.client.errno, 'ECONNRESET');
    },
  },
  {
    name: 'bytes that are no TLS are refused with an alert, and the end is gone',
    async run(rig) {
      const client = await rig.client(await rig.listen());
      client.socket.write('GET / HTTP/1.1\r\n\r\n');
      const result = await secure(rig, await nextEnd(rig), terms());
      assert.is(result.ok ? 'secured' : result.error.code, 'tls');
      await client.until((peer) => peer.ended || peer.closed);
      await until(() => rig.tls.held() + rig.worker.held() === 0);
    },
  },
  {
    name: 'versions and ciphers that do not meet are refused, and the client is told why',
    async run(rig) {
      const at = await rig.listen();
      const old = tlsClient(rig, at, { maxVersion: 'TLSv1.2' });
      const result = await secure(rig, await nextEnd(rig), terms({ minVersion: 'TLSv1.3' }));
      assert.is(result.ok ? 'secured' : result.error.code, 'tls');
      await old.until((peer) => peer.closed);
      assert.match(old.errno, /^ERR_SSL_/);
      const few = tlsClient(rig, at, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
      const other = terms({ cipherSuites: ['ECDHE-ECDSA-AES256-GCM-SHA384'] });
      assert.is((await secure(rig, await nextEnd(rig), other)).ok, false);
      await few.until((peer) => peer.closed);
      const same = tlsClient(rig, at, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
      const end = await nextEnd(rig);
      const secured = await secure(rig, end, other);
      assert.is(secured.ok && secured.value.cipher, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384');
      rig.tls.close(end);
      await same.until((peer) => peer.ended);
    },
  },
  {
    name: 'a handshake that never ends is over at its deadline, and one that the client leaves at once',
    async run(rig) {
      const at = await rig.listen();
      const silent = await rig.client(at);
      silent.socket.write(Buffer.from([22, 3, 1]));
      const late = await secure(rig, await nextEnd(rig), terms(), 30);
      assert.is(late.ok ? 'secured' : late.error.code, 'timeout');
      await silent.until((peer) => peer.closed);
      for (const leave of ['end', 'resetAndDestroy'] as const) {
        const leaving = await rig.client(at);
        const result = secure(rig, await nextEnd(rig), terms());
        leaving.socket[leave]();
        const { ok, ...rest } = await result;
        assert.is(ok ? 'secured' : (rest as { error: { code: string } }).error.code, 'reset');
      }
      await until(() => rig.tls.held() + rig.worker.held() === 0);
    },
  },
  {
    name: 'a handshake under way is given up by reset, close and stop',
    async run(rig) {
      const at = await rig.listen();
      for (const how of ['reset', 'close', 'stop'] as const) {
        const client = await rig.client(at);
        const end = await nextEnd(rig);
        const result = secure(rig, end, terms());
        if (how === 'stop') rig.tls.stop();
        else rig.tls[how](end);
        const settled = await result;
        assert.is(settled.ok ? 'secured' : settled.error.code, 'aborted');
        await client.until((peer) => peer.closed || peer.ended);
        assert.is(rig.tls.held(), 0);
      }
    },
  },
  {
    name: 'a session is continued under its own terms, never under others, nor where certificates are asked for',
    async run(rig) {
      const at = await rig.listen();
      const { client: pair } = certificates();
      const open = rig.context(terms());
      const asking = rig.context(mutual());
      const shake = async (context: typeof open, session: Buffer | undefined, maxVersion: 'TLSv1.2' | 'TLSv1.3') => {
        const client = tlsClient(rig, at, { session, maxVersion, cert: pair.cert, key: pair.key });
        let ticket: Buffer | undefined;
        client.socket.on('session', (one: Buffer) => (ticket = one));
        const end = await nextEnd(rig);
        const result = await new Promise<Awaited<ReturnType<typeof secure>>>((resolve) =>
          rig.tls.secure(end, context, 60_000, resolve),
        );
        assert.ok(result.ok);
        rig.tls.close(end);
        await client.until((peer) => peer.ended);
        return { resumed: result.value.resumed, ticket };
      };
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { ticket } = await shake(open, undefined, version);
        assert.ok(ticket);
        assert.is((await shake(open, ticket, version)).resumed, true, version);
        assert.is((await shake(asking, ticket, version)).resumed, false, version);
        const asked = await shake(asking, undefined, version);
        assert.is((await shake(asking, asked.ticket, version)).resumed, false, version);
      }
    },
  },
];

/** A session that does its work beside others. */
async function pingOnce(rig: Parameters<Case['run']>[0]): Promise<void> {
  const { client, upstream, report } = await joinedByTls(rig);
  client.socket.end('ping');
  await upstream.until((peer) => peer.ended);
  upstream.socket.end('pong');
  assert.is(await client.text(4), 'pong');
  await report;
}

/** The next connection of a listener with TLS ended, joined to an endpoint. */
async function joinedOver(rig: Parameters<Case['run']>[0], at: Awaited<ReturnType<typeof rig.listen>>) {
  const endpoint = await rig.endpoint();
  const end = await nextEnd(rig);
  assert.ok((await secure(rig, end, terms())).ok);
  assert.ok(at.port > 0);
  return rig.joinTo(rig.tls, end, endpoint);
}
