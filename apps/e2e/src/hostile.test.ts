// Clients and endpoints that behave badly, on both engines: what they cost, and that others do not feel them.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type RealProcess, skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sessionSocketsOf } from './chaos-descriptors.ts';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const stormClients = 600;
const slowReaders = 16;
const slowBytes = 25_000_000;

/** Far less than the slow readers' bytes together, more than buffers and the garbage of a busy moment. */
const memoryBytes = 160_000_000;

const test = suite('hostile peers');
const system = await startSystem();
if (system === null) skip(test, 'hostile clients and endpoints', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  const acceptors: RunningAcceptor[] = [];
  let echo: RealProcess;

  test.before(async () => {
    await system.configService();
    for (const engine of ['node', 'linux'])
      acceptors.push(await system.acceptor({ SLUICE_ENGINE: engine, LOG_LEVEL: 'info' }));
    echo = await system.echo('v1');
    await system.echo('v2');
    await system.publish(system.walkThrough());
  });
  test.after(() => system.close());

  test(`${stormClients} clients that leave at once, in every way, leave nothing behind`, async () => {
    for (const acceptor of acceptors) {
      await Promise.all(
        Array.from({ length: stormClients }, async (_, i) => {
          const socket = await opened(acceptor);
          if (i % 4 === 0) socket.resetAndDestroy();
          else if (i % 4 === 1) socket.destroy();
          else if (i % 4 === 2) socket.end();
          else socket.end('a word and away\n');
          if (i % 4 > 1) socket.resume();
          if (!socket.closed) await once(socket, 'close').catch(() => {});
        }),
      );
      assert.is(await acceptor.lands(ports.v1), 'v1');
      await until(async () => (await metric(acceptor, 'sluice_sessions_active')) === 0, 'no session left');
      assert.equal(await sessionSocketsOf(acceptor), []);
    }
  });

  test('clients that do not read cost no memory, slow nobody, and get every byte when they do', async () => {
    for (const acceptor of acceptors) {
      const before = await metric(acceptor, 'sluice_process_resident_memory_bytes');
      const payload = Buffer.alloc(slowBytes, 'slow');
      const slow = await Promise.all(Array.from({ length: slowReaders }, () => opened(acceptor)));
      for (const socket of slow) socket.end(payload);
      // Settled: everything has taken bytes, and takes no more while nobody reads.
      let taken = 0;
      await until(async () => {
        const before = taken;
        taken = await takenBytes(acceptor);
        await acceptor.lands(ports.v2);
        return taken > slowReaders * 100_000 && taken === before;
      }, 'back-pressure');
      const grown = (await metric(acceptor, 'sluice_process_resident_memory_bytes')) - before;
      assert.ok(grown < memoryBytes, `${acceptor.id} grew by ${Math.round(grown / 1e6)} MB`);
      for (const socket of slow) {
        let bytes = 0;
        let last = '';
        for await (const chunk of socket) {
          bytes += chunk.length;
          last = chunk.subarray(-4).toString();
        }
        assert.ok(bytes > slowBytes, `${bytes} bytes came back`);
        assert.is(last, 'slow');
      }
    }
  });

  test('an endpoint that refuses is passed over, and told in the metrics', async () => {
    const dead = system.echoAddresses.v1.replace(/\d+$/, '250');
    const entry = system.write(
      'dead.yaml',
      `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: dead }
spec: { address: ${dead}, labels: { app: tcp-echo, version: v1 } }
`,
    );
    await system.publish(entry);
    for (const acceptor of acceptors) {
      for (let i = 0; i < 10; i++) assert.is(await acceptor.lands(ports.v1), 'v1');
      assert.ok((await metric(acceptor, 'sluice_connect_failures_total')) > 0);
    }
    await system.admin('delete', 'WorkloadEntry', 'default/dead', '--wait', '20');
  });

  test('an endpoint that stops answering holds up its own sessions only, and they go on with it', async () => {
    for (const acceptor of acceptors) {
      const stuck = acceptor.client(ports.v1);
      await stuck.until('With IP address');
      echo.child.kill('SIGSTOP');
      const answered = stuck.echo('said while nobody listens');
      const other = acceptor.client(ports.v2);
      await other.until('With IP address');
      await other.echo('not my endpoint');
      await other.close();
      assert.not(stuck.received.includes('nobody listens'));
      echo.child.kill('SIGCONT');
      await answered;
      await stuck.close();
    }
  });
}

async function opened({ bind }: RunningAcceptor): Promise<Socket> {
  const socket = connect({ host: bind, port: ports.v1, allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** What live sessions have taken from their clients. */
async function takenBytes(acceptor: RunningAcceptor): Promise<number> {
  const { sessions } = JSON.parse((await acceptor.get('/sessions')).text) as { sessions: { bytesReceived: number }[] };
  return sessions.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
}

/** The sum over all label values. */
async function metric(acceptor: RunningAcceptor, name: string): Promise<number> {
  const { text } = await acceptor.get('/metrics');
  const found = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
  return found.reduce((sum, [, value]) => sum + Number(value), 0);
}

test.run();
