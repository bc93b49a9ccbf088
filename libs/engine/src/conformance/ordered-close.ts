// Conformance: an ordered close while a reader does not read. The reader is an endpoint at a unix socket: what the
// system takes for it is fixed, while TCP's buffers grow, and a session that seems to wait for room may have it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { RelayLimits } from '../seam.ts';
import type { Case } from './index.ts';
import { type Rig, until } from './rig.ts';

const megabyte = 1 << 20;
/** What Linux takes for a unix socket before its reader reads (net.core.wmem_default). */
const roomBytes = 212_992;

export const orderedCloseCases: readonly Case[] = [
  {
    name: 'an ordered close gives a reader that never reads its time, then drops what waits for it',
    run: (rig) =>
      withStalled(rig, { closeMs: 60 }, async ({ upstream, relay, report }) => {
        const beganMs = performance.now();
        relay.end('close');
        const told = await report;
        assert.ok(performance.now() - beganMs >= 59, 'the reader was given no time');
        assert.equal([told.cause, told.downstream, told.upstream], ['ordered', 'ordered', 'ordered']);
        upstream.socket.resume();
        await upstream.until((peer) => peer.ended || peer.closed);
        assert.ok(upstream.length < told.bytesUp, 'what waited was sent');
        await until(() => rig.worker.held() === 0);
      }),
  },
  {
    name: 'a reader that reads within the time of an ordered close gets what was taken for it, then the end',
    run: (rig) =>
      withStalled(rig, { closeMs: 60_000 }, async ({ upstream, relay, report }) => {
        relay.end('close');
        upstream.socket.resume();
        await upstream.until((peer) => peer.ended);
        assert.is(upstream.length, (await report).bytesUp);
      }),
  },
  {
    name: 'what a reader sends during an ordered close does not break off what it is still to get',
    run: (rig) =>
      withStalled(rig, { closeMs: 60_000 }, async ({ upstream, relay, report }) => {
        relay.end('close');
        upstream.socket.write('thanks');
        upstream.socket.resume();
        await upstream.until((peer) => peer.ended || peer.closed);
        assert.equal([upstream.length, upstream.errno], [(await report).bytesUp, '']);
      }),
  },
  {
    name: 'an ordered reset cuts an ordered close short that waits for a reader; a second close does not',
    run: (rig) =>
      withStalled(rig, {}, async ({ client, relay, report }) => {
        relay.end('close');
        await client.until((peer) => peer.ended || peer.closed);
        relay.end('close');
        assert.ok(rig.worker.held() > 0, 'it did not wait');
        relay.end('reset');
        assert.is((await report).cause, 'ordered');
        await until(() => rig.worker.held() === 0);
      }),
  },
  {
    name: 'an ordered reset in the same moment as a close ends it too',
    async run(rig) {
      const { client, relay, report } = await rig.joined();
      relay.end('close');
      relay.end('reset');
      assert.is((await report).cause, 'ordered');
      await client.until((peer) => peer.ended || peer.closed);
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'a close that waits for a reader when the worker stops is told all the same',
    run: (rig) =>
      withStalled(rig, {}, async ({ client, relay, report }) => {
        relay.end('close');
        await client.until((peer) => peer.ended || peer.closed);
        rig.worker.stop();
        assert.is((await report).cause, 'ordered');
      }),
  },
];

/** A session whose endpoint reads nothing, with as much taken for it as there is room. */
async function stalled(rig: Rig, path: string, limits: Partial<RelayLimits>) {
  const endpoint = await rig.endpoint(path);
  const client = await rig.client(await rig.listen());
  const { end } = await rig.taken();
  const dialed = await rig.dial({ address: `unix://${path}` });
  assert.ok(dialed.ok);
  const upstream = await endpoint.next();
  upstream.socket.pause();
  const joined = rig.relay(end, dialed.value, limits);
  client.socket.on('error', () => {});
  client.socket.write(Buffer.alloc(megabyte));
  // About as much as a unix socket has room for is taken, and nothing more over many turns: the rest waits in the engine.
  for (let turns = 0, before = 0; turns < 50; before = joined.relay.bytesUp) {
    await new Promise((resolve) => setImmediate(resolve));
    turns = before === joined.relay.bytesUp && before >= roomBytes ? turns + 1 : 0;
  }
  return { client, upstream, ...joined };
}

async function withStalled(
  rig: Rig,
  limits: Partial<RelayLimits>,
  run: (joined: Awaited<ReturnType<typeof stalled>>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  try {
    await run(await stalled(rig, join(folder, 'reader.sock'), limits));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
