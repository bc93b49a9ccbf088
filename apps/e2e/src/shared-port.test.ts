// Two acceptors on one port of one host (SO_REUSEPORT): both take connections, and one leaves while clients keep coming.
import { TestClient, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, System } from './system.ts';

const test = suite('a port shared by two acceptors');
const system = new System(null);

/** Connections of one acceptor are a matter of chance: of so many, all with the same would be one in 2^23. */
const sessionsAtOnce = 24;
const clientsAtOnce = 8;

test.before(async () => {
  await system.echo('v1');
  await system.echo('v2');
});
test.after(() => system.close());

/** Clients that connect, are greeted, and come again. */
class Comers {
  served = 0;
  readonly failures: string[] = [];
  #running = true;
  readonly #all: Promise<unknown>;

  constructor(host: string) {
    this.#all = Promise.all(Array.from({ length: clientsAtOnce }, () => this.#comeAgain(host)));
  }

  stop(): Promise<unknown> {
    this.#running = false;
    return this.#all;
  }

  async #comeAgain(host: string): Promise<void> {
    while (this.#running) {
      const client = new TestClient(host, ports.v1);
      try {
        await client.until('With IP address');
        this.served++;
        await client.close();
      } catch (cause) {
        this.failures.push((cause as Error).message);
        client.socket.destroy();
      }
    }
  }
}

const sessionsOf = async (acceptor: RunningAcceptor) =>
  JSON.parse((await acceptor.get('/sessions')).text).sessions.length as number;

for (const [engine, workers] of [
  ['linux', '2'],
  ['linux', '1'],
  ['node', '2'],
] as const) {
  test(`both take connections, and one drains without a failure: ${engine}, ${workers} workers`, async () => {
    const bind = system.echoAddresses.v1.replace(/\d+$/, engine === 'linux' ? workers : '3');
    const env = { SLUICE_BIND: bind, SLUICE_REUSE_PORT: 'on', SLUICE_ENGINE: engine, SLUICE_WORKERS: workers };
    const stays = await system.acceptor(env);
    const leaves = await system.acceptor(env);
    const version = await system.publish(system.walkThrough());
    for (const acceptor of [stays, leaves]) await acceptor.committed(version);
    const clients = Array.from({ length: sessionsAtOnce }, () => stays.client(ports.v1));
    await Promise.all(clients.map((client) => client.until('With IP address')));
    const counts = [await sessionsOf(stays), await sessionsOf(leaves)];
    assert.is(counts[0] + counts[1], sessionsAtOnce);
    assert.ok(counts[0] > 0 && counts[1] > 0, `${counts}`);
    const comers = new Comers(bind);
    await until(() => comers.served > 20, 'clients that come again');
    leaves.process.child.kill('SIGTERM');
    await leaves.process.event('draining');
    const before = comers.served;
    await until(() => comers.served > before + 20, 'clients that come after one has left');
    await comers.stop();
    assert.equal(comers.failures, []);
    await Promise.all(clients.map((client) => client.echo('still here')));
    await Promise.all(clients.map((client) => client.close()));
    assert.is((await leaves.process.exit()).code, 0);
    await stays.process.end();
  });

  test(`whoever was connected before it drains is served: ${engine}, ${workers} workers`, async () => {
    const leaves = await system.acceptor({ SLUICE_ENGINE: engine, SLUICE_WORKERS: workers });
    await leaves.committed((await system.status()).head);
    // While it stands still the system connects for it.
    leaves.process.child.kill('SIGSTOP');
    const clients = Array.from({ length: sessionsAtOnce }, () => leaves.client(ports.v1));
    await until(() => clients.every(({ socket }) => !socket.connecting), 'clients that are connected');
    leaves.process.child.kill('SIGTERM');
    leaves.process.child.kill('SIGCONT');
    await Promise.all(clients.map((client) => client.until('With IP address')));
    await Promise.all(clients.map((client) => client.close()));
    assert.is((await leaves.process.exit()).code, 0);
  });
}

test.run();
