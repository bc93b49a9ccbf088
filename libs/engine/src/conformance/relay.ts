// Conformance: relaying, half-close, resets, limits, back-pressure, byte counts.
import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import type { Case } from './index.ts';
import { type Peer, until } from './rig.ts';

const megabyte = 1 << 20;

export const relayCases: readonly Case[] = [
  {
    name: 'bytes go both ways and are counted, and both FINs end it as closed',
    async run(rig) {
      const { client, upstream, report } = await rig.joined();
      client.socket.write('ping');
      assert.is(await upstream.text(4), 'ping');
      upstream.socket.write('pong!');
      assert.is(await client.text(5), 'pong!');
      client.socket.end();
      await upstream.until((peer) => peer.ended);
      upstream.socket.end();
      assert.equal(await report, { cause: 'closed', downstream: 'end', upstream: 'end', bytesUp: 4, bytesDown: 5 });
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'the endpoint may speak first',
    async run(rig) {
      const { client, upstream } = await rig.joined();
      upstream.socket.write('220 ready\r\n');
      assert.is(await client.text(11), '220 ready\r\n');
    },
  },
  {
    name: 'an endpoint that greets, or greets and ends, in the moment of the connect is heard',
    async run(rig) {
      for (const isLast of [false, true, false, true]) {
        const at = await rig.listen();
        const endpoint = await rig.endpoint();
        endpoint.server.prependListener('connection', (socket) =>
          isLast ? socket.end('hello') : socket.write('hello'),
        );
        const client = await rig.client(at);
        const { end } = await rig.taken();
        const dialed = await rig.dial({ port: endpoint.port });
        assert.ok(dialed.ok);
        rig.relay(end, dialed.value);
        await client.until((peer) => peer.length === 5 && (peer.ended || !isLast));
        await at.close();
      }
    },
  },
  {
    name: 'what came before the relay began is not lost, FIN included',
    async run(rig) {
      const client = await rig.client(await rig.listen());
      const { end } = await rig.taken();
      client.socket.end('early');
      const endpoint = await rig.endpoint();
      const dialed = await rig.dial({ port: endpoint.port });
      assert.ok(dialed.ok);
      const upstream = await endpoint.next();
      upstream.socket.end('also early');
      const { report } = rig.relay(end, dialed.value);
      await upstream.until((peer) => peer.ended);
      await client.until((peer) => peer.ended);
      assert.is(upstream.received().toString(), 'early');
      assert.is(client.received().toString(), 'also early');
      assert.is((await report).cause, 'closed');
    },
  },
  {
    name: 'one half may end while the other goes on',
    async run(rig) {
      const { client, upstream, report } = await rig.joined();
      client.socket.end('request');
      await upstream.until((peer) => peer.ended);
      upstream.socket.write('long ');
      assert.is(await client.text(5), 'long ');
      upstream.socket.end('answer');
      await client.until((peer) => peer.ended);
      assert.is(client.received().toString(), 'long answer');
      assert.is((await report).bytesDown, 11);
    },
  },
  {
    name: 'a reset of the client resets the endpoint, and the other way round, and each is told',
    async run(rig) {
      const first = await rig.joined();
      first.client.socket.resetAndDestroy();
      const down = await first.report;
      assert.is(down.cause, 'downstream-reset');
      assert.is(down.downstream, 'reset');
      await first.upstream.until((peer) => peer.closed);
      assert.is(first.upstream.errno, 'ECONNRESET');
      const second = await rig.joined();
      second.upstream.socket.resetAndDestroy();
      const up = await second.report;
      assert.is(up.cause, 'upstream-reset');
      assert.is(up.upstream, 'reset');
      await second.client.until((peer) => peer.closed);
      assert.is(second.client.errno, 'ECONNRESET');
    },
  },
  {
    name: 'a session without bytes ends at its idle limit, one with bytes does not',
    async run(rig) {
      const busy = await rig.joined({ idleMs: 150 });
      const beat = setInterval(() => busy.client.socket.write('.'), 10);
      const idle = await rig.joined({ idleMs: 40 });
      const report = await idle.report;
      assert.is(report.cause, 'idle-timeout');
      assert.is(report.downstream, 'timeout');
      await idle.client.until((peer) => peer.closed);
      await busy.upstream.until((peer) => peer.length >= 25);
      clearInterval(beat);
      assert.is((await busy.report).cause, 'idle-timeout');
    },
  },
  {
    name: 'a half that never closes runs into the half-close limit',
    async run(rig) {
      const { client, report } = await rig.joined({ halfCloseMs: 40, idleMs: 60_000 });
      client.socket.end('bye');
      const told = await report;
      assert.is(told.cause, 'half-close-timeout');
      assert.is(told.downstream, 'end');
      assert.is(told.upstream, 'timeout');
      assert.is(told.bytesUp, 3);
    },
  },
  {
    name: 'a busy session still ends at its maximum duration',
    async run(rig) {
      const { client, report } = await rig.joined({ maxDurationMs: 60 });
      const beat = setInterval(() => client.socket.write('.'), 5);
      assert.is((await report).cause, 'max-duration');
      clearInterval(beat);
    },
  },
  {
    name: 'an ordered end closes or resets both sides and says so',
    async run(rig) {
      const closing = await rig.joined();
      closing.relay.end('close');
      assert.is((await closing.report).cause, 'ordered');
      await closing.client.until((peer) => peer.ended);
      assert.is(closing.client.errno, '');
      const resetting = await rig.joined();
      resetting.relay.end('reset');
      assert.is((await resetting.report).downstream, 'ordered');
      await resetting.client.until((peer) => peer.closed);
      assert.is(resetting.client.errno, 'ECONNRESET');
    },
  },
  {
    name: 'a slow reader stops its own sender within a bound, slows no one else, and gets every byte in the end',
    async run(rig) {
      const { client, upstream, relay, report } = await rig.joined();
      client.socket.pause();
      const total = 64 * megabyte;
      const sent = pour(upstream, total);
      let before = -1;
      // Stalled: no progress over many turns while a second session does its work.
      for (let turns = 0; turns < 5; turns++) {
        before = relay.bytesDown;
        await echoOnce(rig);
      }
      assert.ok(relay.bytesDown < 40 * megabyte, `${relay.bytesDown} bytes taken for a client that reads none`);
      assert.ok(before >= 0);
      client.socket.resume();
      client.socket.end();
      await client.until((peer) => peer.ended);
      assert.is(client.length, total);
      assert.is(createHash('sha256').update(client.received()).digest('hex'), await sent);
      assert.is((await report).bytesDown, total);
    },
  },
  {
    name: 'bulk both ways at once arrives whole',
    async run(rig) {
      const { client, upstream, report } = await rig.joined();
      const up = pour(client, 16 * megabyte);
      const down = pour(upstream, 16 * megabyte);
      await client.until((peer) => peer.ended);
      await upstream.until((peer) => peer.ended);
      assert.is(createHash('sha256').update(upstream.received()).digest('hex'), await up);
      assert.is(createHash('sha256').update(client.received()).digest('hex'), await down);
      const told = await report;
      assert.is(told.bytesUp + told.bytesDown, 32 * megabyte);
    },
  },
  {
    name: 'two hundred sessions at once keep their bytes apart',
    async run(rig) {
      const at = await rig.listen();
      const endpoint = await rig.endpoint();
      const one = async (i: number) => {
        const client = await rig.client(at);
        client.socket.write(`session ${i}`);
        return client;
      };
      const serve = async () => {
        const { end } = await rig.taken();
        const dialed = await rig.dial({ port: endpoint.port });
        assert.ok(dialed.ok);
        const { report } = rig.relay(end, dialed.value);
        const upstream = await endpoint.next();
        upstream.socket.pipe(upstream.socket);
        return report;
      };
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const reports = Promise.all(numbers.map(serve));
      await Promise.all(
        numbers.map(async (i) => {
          const client = await one(i);
          assert.is(await client.text(`session ${i}`.length), `session ${i}`);
          client.socket.end();
          await client.until((peer) => peer.ended);
        }),
      );
      assert.ok((await reports).every((report) => report.cause === 'closed'));
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'close under back-pressure, in every order, ends once and holds nothing',
    async run(rig) {
      const orders: ((client: Peer, upstream: Peer) => void)[] = [
        (client) => client.socket.resetAndDestroy(),
        (_client, upstream) => upstream.socket.resetAndDestroy(),
        (client, upstream) => {
          client.socket.end();
          upstream.socket.resetAndDestroy();
        },
        (client, upstream) => {
          upstream.socket.destroy();
          client.socket.destroy();
        },
        (client) => client.socket.destroy(),
      ];
      for (const order of orders) {
        const { client, upstream, relay, report } = await rig.joined();
        client.socket.pause();
        upstream.socket.write(Buffer.alloc(8 * megabyte));
        await until(() => relay.bytesDown > 0);
        order(client, upstream);
        upstream.socket.on('error', () => {});
        await report;
      }
      await until(() => rig.worker.held() === 0);
    },
  },
];

/** Sends `total` bytes that tell their place, then FIN; resolves with their SHA-256. */
async function pour(peer: Peer, total: number): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < total; at += megabyte) {
    const block = Buffer.alloc(megabyte, `${at} `);
    hash.update(block);
    if (!peer.socket.write(block)) await new Promise((resolve) => peer.socket.once('drain', resolve));
  }
  peer.socket.end();
  return hash.digest('hex');
}

async function echoOnce(rig: Parameters<Case['run']>[0]): Promise<void> {
  const { client, upstream, report } = await rig.joined();
  client.socket.end('beside');
  assert.is(await upstream.text(6), 'beside');
  upstream.socket.end();
  await report;
}
