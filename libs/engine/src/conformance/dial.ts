// Conformance: connecting to endpoints, and what is told when that fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Case } from './index.ts';
import { until } from './rig.ts';
import { silentEndpoint } from './silent-endpoint.ts';

export const dialCases: readonly Case[] = [
  {
    name: 'a dialed end tells its addresses',
    async run(rig) {
      const endpoint = await rig.endpoint();
      const dialed = await rig.dial({ port: endpoint.port });
      assert.ok(dialed.ok);
      const upstream = await endpoint.next();
      assert.is(rig.worker.addresses(dialed.value).remotePort, endpoint.port);
      assert.is(rig.worker.addresses(dialed.value).localPort, upstream.socket.remotePort);
    },
  },
  {
    name: 'a refused connect is told by code and holds nothing',
    async run(rig) {
      const endpoint = await rig.endpoint();
      const { port } = endpoint;
      await new Promise((resolve) => endpoint.server.close(resolve));
      const dialed = await rig.dial({ port });
      assert.is(dialed.ok ? 'connected' : dialed.error.code, 'refused');
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'an endpoint that does not answer runs into the connect timeout',
    async run(rig) {
      const silent = await silentEndpoint();
      try {
        const dialed = await rig.dial({ port: silent.port, timeoutMs: 50 });
        assert.is(dialed.ok ? 'connected' : dialed.error.code, 'timeout');
        await until(() => rig.worker.held() === 0);
      } finally {
        await silent.close();
      }
    },
  },
  {
    name: 'a dial can be given up',
    async run(rig) {
      const silent = await silentEndpoint();
      try {
        const code = await new Promise((resolve) => {
          const giveUp = rig.worker.dial(
            { address: '127.0.0.1', port: silent.port, timeoutMs: 60_000, keepalive: null },
            (result) => resolve(result.ok ? 'connected' : result.error.code),
          );
          setImmediate(giveUp);
        });
        assert.is(code, 'aborted');
      } finally {
        await silent.close();
      }
    },
  },
  {
    name: 'an unreachable or nonsensical address is an answer, not a fault',
    async run(rig) {
      const dialed = await rig.dial({ address: '255.255.255.255', port: 9 });
      assert.not(dialed.ok);
      const missing = await rig.dial({ address: 'unix:///nonexistent/sluice.sock' });
      assert.is(missing.ok ? 'connected' : missing.error.code, 'refused');
    },
  },
  {
    name: 'a unix socket upstream works, by path and by abstract name',
    async run(rig) {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
      try {
        const path = join(folder, 'up.sock');
        await through(rig, path, `unix://${path}`);
        const name = `sluice-conformance-${process.pid}`;
        await through(rig, `\0${name}`, `unix://@${name}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    name: 'a unix socket upstream that greets and ends in the moment of the connect is heard',
    async run(rig) {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
      try {
        const path = join(folder, 'up.sock');
        const endpoint = await rig.endpoint(path);
        endpoint.server.prependListener('connection', (socket) => socket.end('hello', () => socket.destroy()));
        const client = await rig.client(await rig.listen());
        const { end } = await rig.taken();
        const dialed = await rig.dial({ address: `unix://${path}` });
        assert.ok(dialed.ok);
        rig.relay(end, dialed.value);
        await client.until((peer) => peer.ended || peer.closed);
        assert.is(client.received().toString(), 'hello');
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    name: 'a unix socket upstream is let go where its client resets, and where a limit or an order ends the relay',
    async run(rig) {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
      try {
        const path = join(folder, 'up.sock');
        for (const how of ['client', 'idle', 'order'] as const) {
          const { client, upstream, relay, report } = await overUnix(rig, `${path}-${how}`, how === 'idle' ? 50 : 0);
          if (how === 'client') client.socket.resetAndDestroy();
          else if (how === 'order') relay.end('reset');
          const { cause } = await report;
          assert.is(cause, { client: 'downstream-reset', idle: 'idle-timeout', order: 'ordered' }[how]);
          await upstream.until((peer) => peer.ended || peer.closed);
        }
        await until(() => rig.worker.held() === 0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    name: 'keep-alive settings are taken',
    async run(rig) {
      const endpoint = await rig.endpoint();
      const keepalive = { probes: 3, timeSeconds: 30, intervalSeconds: 5 };
      const dialed = await rig.dial({ port: endpoint.port, keepalive });
      assert.ok(dialed.ok);
    },
  },
];

type CaseRig = Parameters<Case['run']>[0];

async function overUnix(rig: CaseRig, path: string, idleMs = 0, address = `unix://${path}`) {
  const endpoint = await rig.endpoint(path);
  const client = await rig.client(await rig.listen());
  const { end } = await rig.taken();
  const dialed = await rig.dial({ address });
  assert.ok(dialed.ok);
  const upstream = await endpoint.next();
  return { client, upstream, ...rig.relay(end, dialed.value, { idleMs }) };
}

async function through(rig: CaseRig, path: string, address: string): Promise<void> {
  const { client, upstream, report } = await overUnix(rig, path, 0, address);
  client.socket.end('over unix');
  assert.is(await upstream.text(9), 'over unix');
  upstream.socket.end();
  assert.is((await report).cause, 'closed');
}
