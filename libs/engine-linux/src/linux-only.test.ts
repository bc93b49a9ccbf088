// What this engine does beyond the seam's suite: unix listeners, urgent data, descriptors running out, bulk in pipes.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerEngineOptions } from '@sluice/engine';
import { Rig, until } from '@sluice/engine/conformance/rig';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AF_INET, EAGAIN, MSG_NOSIGNAL, SOCK_STREAM } from './abi.ts';
import type { LinuxAccepting } from './accepting.ts';
import { linuxEngine } from './index.ts';
import { writeAddress } from './socket-address.ts';
import { ask } from './supported.ts';
import { Memory, syscalls } from './syscalls.ts';
import { openWorker } from './worker.ts';

const test = suite('the Linux engine');

// bits/socket.h: only tests send with these.
const MSG_OOB = 0x1;
const MSG_DONTWAIT = 0x40;

async function withRig(run: (rig: Rig) => Promise<void>, workedShare = () => 0): Promise<void> {
  const openWith = (ticket: unknown, options: WorkerEngineOptions) => openWorker(ticket, options, workedShare);
  const rig = new Rig({ ...linuxEngine, openWorker: openWith });
  try {
    await run(rig);
  } finally {
    await rig.close();
  }
}

async function listenUnix(rig: Rig, address: string) {
  return rig.accepting.listen({ listener: 3, address, port: 0, backlog: 16, reusePort: false });
}

test('a unix listener takes sessions, by path and by abstract name, and removes its path', () =>
  withRig(async (rig) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
    const path = join(folder, 'edge.sock');
    const name = `sluice-linux-only-${process.pid}`;
    for (const [address, to] of [
      [`unix://${path}`, path],
      [`unix://@${name}`, `\0${name}`],
    ] as const) {
      const listening = await listenUnix(rig, address);
      assert.ok(listening.ok);
      const client = connect(to);
      const { end, listener } = await rig.taken();
      assert.is(listener, 3);
      assert.equal(rig.worker.addresses(end), { localAddress: '', localPort: 0, remoteAddress: '', remotePort: 0 });
      const endpoint = await rig.endpoint();
      const dialed = await rig.dial({ port: endpoint.port });
      assert.ok(dialed.ok);
      const { report } = rig.relay(end, dialed.value);
      const upstream = await endpoint.next();
      client.end('over unix');
      assert.is(await upstream.text(9), 'over unix');
      upstream.socket.end();
      assert.is((await report).cause, 'closed');
      await listening.value.close();
    }
    assert.not(existsSync(path));
    rmSync(folder, { recursive: true });
  }));

test('a path left by a dead process is taken over, one that is served or no socket is not', () =>
  withRig(async (rig) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const refused = await listenUnix(rig, `unix://${file}`);
    assert.is(refused.ok ? 'listening' : refused.error.code, 'address-in-use');
    assert.ok(existsSync(file));
    const served = join(folder, 'served.sock');
    const server = createServer().listen(served);
    await until(() => server.listening);
    const inUse = await listenUnix(rig, `unix://${served}`);
    assert.is(inUse.ok ? 'listening' : inUse.error.code, 'address-in-use');
    server.close();
    const abandoned = join(folder, 'abandoned.sock');
    const calls = syscalls();
    const address = new Memory(128);
    const fd = calls.socket(1, SOCK_STREAM);
    assert.is(calls.bind(fd, address, writeAddress(address.bytes, `unix://${abandoned}`, 0, calls)), 0);
    calls.close(fd);
    assert.ok(existsSync(abandoned));
    assert.ok((await listenUnix(rig, `unix://${abandoned}`)).ok);
    rmSync(folder, { recursive: true });
  }));

const megabyte = 1 << 20;

for (const [how, before, workedShare] of [
  ['copied', 7, 0],
  ['spliced', 24 * megabyte, 1],
] as const)
  test(`urgent data in the stream neither stalls nor cuts what comes around it: ${how}`, () =>
    withRig(
      async (rig) => {
        const { upstream, send, close } = await rawJoined(rig);
        let sent = 0;
        while (sent < before) sent += await send(Math.min(megabyte, before - sent));
        await upstream.until((peer) => peer.length === sent);
        assert.is(pipesOf(rig) > 0, how === 'spliced');
        for (const after of [3, 100_000, 5]) {
          await send(1, MSG_OOB);
          sent += await send(after);
          if (after !== 5) await upstream.until((peer) => peer.length === sent);
        }
        close();
        await upstream.until((peer) => peer.ended);
        assert.is(upstream.length, sent);
      },
      () => workedShare,
    ));

test('what an endpoint said before it broke off is given on, though bytes for it are met first', () =>
  withRig(async (rig) => {
    const client = await rig.client(await rig.listen());
    const { end } = await rig.taken();
    client.socket.write('request');
    await rig.peek(end, { bytes: 7, deadlineMs: 5_000 }, () => 'enough');
    const endpoint = await rig.endpoint();
    const dialed = await rig.dial({ port: endpoint.port });
    assert.ok(dialed.ok);
    const upstream = await endpoint.next();
    upstream.socket.pause();
    await new Promise<void>((resolve) => upstream.socket.write('busy', () => resolve()));
    upstream.socket.resetAndDestroy();
    await upstream.until((peer) => peer.closed);
    // When this one is connected, the engine has been told of the reset, which it notes for the relay.
    assert.ok((await rig.dial({ port: endpoint.port })).ok);
    const { report } = rig.relay(end, dialed.value);
    assert.equal(await report, {
      cause: 'upstream-reset',
      downstream: 'open',
      upstream: 'reset',
      bytesUp: 7,
      bytesDown: 4,
    });
    await client.until((peer) => peer.closed);
    assert.equal([client.received().toString(), client.errno], ['busy', 'ECONNRESET']);
  }));

/** A session whose client is a descriptor of ours: `send` resolves with the count when all of it has been taken. */
async function rawJoined(rig: Rig) {
  const at = await rig.listen();
  const calls = syscalls();
  const address = new Memory(128);
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  assert.is(calls.connect(fd, address, writeAddress(address.bytes, '127.0.0.1', at.port, calls)), 0);
  const { end } = await rig.taken();
  const endpoint = await rig.endpoint();
  const dialed = await rig.dial({ port: endpoint.port });
  assert.ok(dialed.ok);
  rig.relay(end, dialed.value);
  const bytes = new Memory(megabyte);
  const send = async (count: number, flags = 0) => {
    let left = count;
    await until(() => {
      const sent = calls.send(fd, bytes, 0, left, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
      assert.ok(sent > 0 || sent === -EAGAIN);
      left -= Math.max(sent, 0);
      return left === 0;
    });
    return count;
  };
  return { upstream: await endpoint.next(), send, close: () => calls.close(fd) };
}

/** Its epoll set, and the two ends of a session; pipes come on top. */
const ownedWithoutPipes = 3;

function pipesOf(rig: Rig): number {
  return (rig.accepting as LinuxAccepting).owned(0) - ownedWithoutPipes;
}

let looks = 0;
for (const [which, workedShare, splices] of [
  ['copied', () => 0, false],
  ['spliced', () => 1, true],
  ['now copied, now spliced', () => looks++ % 2, null],
] as const) {
  test(`bulk with a reader that stops in between comes whole, and close lets it be read: ${which}`, () =>
    withRig((rig) => bulkWithAReaderThatStops(rig, splices), workedShare));
}

/** `splices`: whether pipes must be in use; null where they may be. */
async function bulkWithAReaderThatStops(rig: Rig, splices: boolean | null): Promise<void> {
  const pipes = () => pipesOf(rig);
  const { client, upstream, relay } = await rig.joined();
  assert.is(pipes(), 0);
  const block = Buffer.alloc(1 << 20, 'bulk ');
  client.socket.pause();
  const sent = createHash('sha256');
  for (let i = 0; i < 24; i++) {
    sent.update(block);
    upstream.socket.write(block);
  }
  let before = -1;
  while (relay.bytesDown === 0 || relay.bytesDown !== before) {
    before = relay.bytesDown;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  if (splices !== null) assert.is(pipes() > 0, splices);
  client.socket.resume();
  await client.until((peer) => peer.length === 24 << 20);
  assert.is(createHash('sha256').update(client.received()).digest('hex'), sent.digest('hex'));
  client.socket.pause();
  for (let i = 0; i < 24; i++) upstream.socket.write(block);
  await until(() => relay.bytesDown > 25 << 20);
  const taken = () => relay.bytesDown;
  relay.end('close');
  client.socket.resume();
  await client.until((peer) => peer.ended);
  assert.is(client.length, taken(), 'all that was taken is sent');
  assert.is(client.errno, '');
}

test('an end used after it was closed is noticed, though its descriptor has come back', () =>
  withRig(async (rig) => {
    const at = await rig.listen();
    await rig.client(at);
    const { end: first } = await rig.taken();
    rig.worker.close(first);
    await rig.client(at);
    const { end: second } = await rig.taken();
    assert.is.not(first, second);
    assert.throws(() => rig.worker.reset(first), /is not held/);
    rig.worker.reset(second);
  }));

test('where it cannot run it says why', () => {
  assert.equal(ask({ platform: 'linux', architecture: process.arch }), { ok: true, value: null });
  const other = ask({ platform: 'darwin', architecture: 'arm64' });
  assert.match(other.ok ? '' : other.error.message, /it is darwin, not Linux/);
  const unknown = ask({ platform: 'linux', architecture: 's390x' });
  assert.is(unknown.ok ? '' : unknown.error.code, 'unsupported');
});

test.run();
