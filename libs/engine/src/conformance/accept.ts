// Conformance: listening, handing over, addresses, refusing.
import * as assert from 'uvu/assert';
import type { Case } from './index.ts';
import { until } from './rig.ts';

export const acceptCases: readonly Case[] = [
  {
    name: 'a connection arrives with its listener and both addresses',
    async run(rig) {
      const at = await rig.listen(42);
      const client = await rig.client(at);
      const taken = await rig.taken();
      assert.is(taken.listener, 42);
      const addresses = rig.worker.addresses(taken.end);
      assert.is(addresses.localPort, at.port);
      assert.is(addresses.localAddress, '127.0.0.1');
      assert.is(addresses.remotePort, client.socket.localPort);
      assert.is(addresses.remoteAddress, '127.0.0.1');
      assert.equal(rig.worker.localAddress(taken.end), { address: '127.0.0.1', port: at.port });
      assert.is(rig.worker.held(), 1);
    },
  },
  {
    name: 'on a listener of every address a connection tells the one it came to',
    async run(rig) {
      const at = await rig.listen(3, '0.0.0.0');
      for (const host of ['127.0.0.1', '127.0.0.2']) {
        await rig.client({ ...at, address: host });
        const { end } = await rig.taken();
        assert.equal(rig.worker.localAddress(end), { address: host, port: at.port });
      }
    },
  },
  {
    name: 'a listener that takes over the place of a closed one tells its own number and address',
    async run(rig) {
      for (const [listener, address] of [
        [4, '127.0.0.1'],
        [5, '127.0.0.2'],
        [6, '127.0.0.1'],
      ] as const) {
        const at = await rig.listen(listener, address);
        await rig.client(at);
        const taken = await rig.taken();
        assert.is(taken.listener, listener);
        assert.equal(rig.worker.localAddress(taken.end), { address, port: at.port });
        await at.close();
      }
    },
  },
  {
    name: 'IPv6 is listened on and told in text',
    async run(rig) {
      const client = await rig.client(await rig.listen(1, '::1'));
      const { end } = await rig.taken();
      assert.is(rig.worker.addresses(end).remoteAddress, '::1');
      assert.is(rig.worker.addresses(end).remotePort, client.socket.localPort);
    },
  },
  {
    name: 'an address in use is told by code, and the first listener goes on',
    async run(rig) {
      const at = await rig.listen();
      const again = { listener: 8, address: '127.0.0.1', port: at.port, backlog: 16, reusePort: false };
      const second = await rig.accepting.listen(again);
      assert.is(second.ok, false);
      if (!second.ok) assert.is(second.error.code, 'address-in-use');
      await rig.client(at);
      assert.is((await rig.taken()).listener, 7);
    },
  },
  {
    name: 'an address this machine does not have is told by code',
    async run(rig) {
      const at = { listener: 8, address: '203.0.113.7', port: 0, backlog: 16, reusePort: false };
      const result = await rig.accepting.listen(at);
      assert.is(result.ok ? 'listening' : result.error.code, 'address-not-available');
    },
  },
  {
    name: 'with reusePort two listeners share an address and port',
    async run(rig) {
      const first = await rig.accepting.listen({
        listener: 1,
        address: '127.0.0.1',
        port: 0,
        backlog: 16,
        reusePort: true,
      });
      assert.ok(first.ok);
      const { port } = first.value;
      const second = await rig.accepting.listen({
        listener: 2,
        address: '127.0.0.1',
        port,
        backlog: 16,
        reusePort: true,
      });
      assert.ok(second.ok);
    },
  },
  {
    name: 'what waits at a listener is taken before it closes',
    async run(rig) {
      const at = await rig.listen();
      const clients = Array.from({ length: 8 }, () => rig.client(at));
      // Node connects in the next tick, and the loopback's answer is immediate: the engine had no turn yet.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      const closed = at.close();
      for (const client of clients) {
        rig.worker.close((await rig.taken()).end);
        await (await client).until((peer) => peer.ended || peer.closed);
        assert.is((await client).errno, '');
      }
      await closed;
    },
  },
  {
    name: 'a closed listener frees its port and leaves its connections alone',
    async run(rig) {
      const at = await rig.listen();
      const client = await rig.client(at);
      const { end } = await rig.taken();
      await at.close();
      const again = await rig.accepting.listen({
        listener: 9,
        address: '127.0.0.1',
        port: at.port,
        backlog: 16,
        reusePort: false,
      });
      assert.ok(again.ok);
      assert.not(client.closed);
      rig.worker.close(end);
      await client.until((peer) => peer.ended);
    },
  },
  {
    name: 'a refused connection is reset and never reaches a worker',
    async run(rig) {
      rig.placement = -1;
      const client = await rig.client(await rig.listen());
      await client.until((peer) => peer.closed);
      assert.is(client.errno, 'ECONNRESET');
      assert.is(rig.worker.held(), 0);
    },
  },
  {
    name: 'close sends FIN, reset sends RST, and neither end is held after it',
    async run(rig) {
      const at = await rig.listen();
      const closing = await rig.client(at);
      rig.worker.close((await rig.taken()).end);
      await closing.until((peer) => peer.ended);
      const resetting = await rig.client(at);
      rig.worker.reset((await rig.taken()).end);
      await resetting.until((peer) => peer.closed);
      assert.is(resetting.errno, 'ECONNRESET');
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'stop gives up every end',
    async run(rig) {
      const at = await rig.listen();
      const clients = await Promise.all([1, 2, 3].map(() => rig.client(at)));
      for (const _ of clients) await rig.taken();
      rig.worker.stop();
      for (const client of clients) await client.until((peer) => peer.closed);
      assert.is(rig.worker.held(), 0);
    },
  },
  {
    name: 'stop tells relays as ordered, peeks and dials as aborted',
    async run(rig) {
      const { client, report } = await rig.joined();
      const second = await rig.client(await rig.listen(8));
      const { end } = await rig.taken();
      const peeked = rig.peek(end, { bytes: 10, deadlineMs: 60_000 }, () => 'more');
      assert.is(rig.worker.held(), 3);
      rig.worker.stop();
      assert.is((await report).cause, 'ordered');
      assert.is(await peeked, 'aborted');
      await client.until((peer) => peer.closed);
      await second.until((peer) => peer.closed);
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'a detached end is a socket with every byte still to be read, and no longer held',
    async run(rig) {
      const client = await rig.client(await rig.listen());
      const { end } = await rig.taken();
      client.socket.write('HEADERhello');
      await rig.peek(end, { bytes: 100, deadlineMs: 60_000 }, (bytes) => (bytes.length >= 11 ? 'enough' : 'more'));
      rig.worker.discard(end, 6);
      const socket = rig.worker.detach(end);
      assert.is(rig.worker.held(), 0);
      let received = '';
      socket.on('data', (chunk: Buffer) => {
        received += chunk;
      });
      socket.resume();
      client.socket.write(' again');
      await until(() => received === 'hello again');
      socket.end('answer');
      assert.is(await client.text(6), 'answer');
      client.socket.end();
      await client.until((peer) => peer.ended);
    },
  },
];
