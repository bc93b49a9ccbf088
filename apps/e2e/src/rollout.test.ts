// A version on its way through the fleet in stages: to its end, taken back by what the acceptors count, and moved by hand.
import type { Store } from '@sluice/store';
import { skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blockedGateway, blocker, startFleet } from './rollout-fleet.ts';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('roll-outs');
const system = await startSystem();
if (system === null) skip(test, 'roll-outs in stages', 'no redis-server on PATH');
else withSystem(system);

interface Move {
  readonly of: number;
  readonly stage: number;
  readonly chosen: 'all' | readonly string[];
}

interface RolloutJson {
  readonly version: number;
  readonly outcome: string;
  readonly stage: number;
  readonly acceptors: 'all' | readonly string[];
  readonly message: string;
  readonly breach: { readonly acceptor: string; readonly figure: string; readonly value: number } | null;
}

interface Entry {
  readonly version: number;
  readonly kind: string;
  readonly author: string;
  readonly restores?: number;
  readonly rollout?: { readonly chosen: readonly string[] };
  readonly move?: Move;
}

function withSystem(system: System): void {
  let fleet: readonly RunningAcceptor[] = [];
  let store: Store;

  const rolloutNow = async (): Promise<RolloutJson | null> =>
    (await system.adminJson<{ rollout: RolloutJson | null }>('status')).rollout;
  const history = async (): Promise<readonly Entry[]> =>
    (await system.adminJson<{ versions: Entry[] }>('history', '--limit', '5')).versions;
  /** Asked of the store itself: a command takes half a second to start. */
  const everywhere = (version: number) =>
    until(async () => {
      const reports = (await store.reports.list()).filter(({ state }) => state === 'serving');
      return reports.every((report) => report.version === version);
    }, `version ${version} on every acceptor`);
  /** The one of the first stage, once it serves the version, and one that is not in it. */
  const canary = async (version: number): Promise<[RunningAcceptor, RunningAcceptor]> => {
    const entry = await until(async () => (await store.log.entries(version - 1, 1))[0], `version ${version}`);
    const [id] = entry.rollout?.chosen ?? [];
    const chosen = fleet.find((each) => each.id === id) as RunningAcceptor;
    await chosen.committed(version);
    return [chosen, fleet.find((each) => each.id !== id) as RunningAcceptor];
  };

  test.before(async () => {
    await system.configService();
    ({ fleet, store } = await startFleet(system, 4));
  });
  test.after(async () => {
    await store.close();
    await system.close();
  });

  test('a good version goes from one acceptor to half of them to all, and --wait ends with it', async () => {
    const { version: head } = await store.log.head();
    const path = system.walkThrough({ v1: 'v2', v2: 'v2' });
    const words = ['publish', path, '--stages', '1,50%,100%', '--bake', '300ms', '--wait'];
    const answer = await system.adminJson<{ version: number; rollout: RolloutJson; receipt: { converged: boolean } }>(
      ...words,
    );
    assert.equal([answer.version, answer.rollout.outcome, answer.receipt.converged], [head + 1, 'completed', true]);
    const [end, third, second, first] = await history();
    assert.equal(
      [first, second, third, end].map((entry) => entry?.kind),
      ['publish', 'promote', 'promote', 'promote'],
    );
    const [one, half] = [first?.rollout?.chosen ?? [], second?.move?.chosen ?? []];
    assert.equal([one.length, half.length, third?.move?.chosen, end?.move?.chosen], [1, 2, 'all', 'all']);
    assert.is(half[0], one[0], 'who had it keeps it');
    await everywhere(head + 4);
    for (const each of fleet) assert.is(await each.lands(ports.v1), 'v2');
    const held = fleet.filter((each) => each.process.events().some(({ event }) => event === 'held-back'));
    assert.is(held.length, 3, 'all but the first were held back');
  });

  test('a bad version is taken back by itself, with the figure and the acceptor named', async () => {
    const { version: head } = await store.log.head();
    const dead = system.write('dead.yaml', deadEndpoint(fleet[0]!.bind));
    const words = ['publish', dead, '--stages', '1,100%', '--bake', '10m', '--abort-on', 'connect-failure-rate>1%'];
    const waiting = system.admin(...words, '--wait', '--json');
    const [chosen, other] = await canary(head + 1);
    for (let i = 0; i < 25; i++) await chosen.client(ports.v1).gone();
    assert.is(await other.lands(ports.v1), 'v2');
    const ran = await waiting;
    assert.is(ran.code, 1, ran.stdout + ran.stderr);
    const { ok, rollout } = JSON.parse(ran.stdout) as { ok: boolean; rollout: RolloutJson };
    assert.equal([ok, rollout.outcome, rollout.breach?.figure], [false, 'aborted', 'connect-failure-rate']);
    assert.is(rollout.breach?.acceptor, chosen.id);
    assert.match(rollout.message, new RegExp(`${chosen.id}: connect-failure-rate 100% of \\d+ connections, beyond`));
    const [end] = await history();
    assert.equal([end?.kind, end?.restores, end?.author], ['abort', head, 'config-service']);
    await everywhere(head + 2);
    for (const each of fleet) assert.is(await each.lands(ports.v1), 'v2');
    assert.match((await system.admin('status')).stdout, /aborted in stage 1 of 2 .*connect-failure-rate/);
  });

  test('by hand: promoted and aborted; meanwhile nothing else is published, and who starts serves what was before', async () => {
    const { version: head } = await store.log.head();
    const path = system.walkThrough({ v1: 'v1', v2: 'v1' });
    await system.adminJson('publish', path, '--stages', '1,50%,100%', '--bake', '1h');
    const [chosen, other] = await canary(head + 1);
    assert.equal([await chosen.lands(ports.v2), await other.lands(ports.v2)], ['v1', 'v2']);
    const refused = await system.admin('publish', system.walkThrough({ v1: 'v2', v2: 'v1' }), '--json');
    assert.equal([refused.code, JSON.parse(refused.stdout).reason], [1, 'rollout']);
    assert.match(JSON.parse(refused.stdout).message, /being rolled out, stage 1 of 3/);
    const late = await system.acceptor({ SLUICE_WORKERS: '1' });
    await late.committed(head);
    assert.is(await late.lands(ports.v2), 'v2');
    await late.process.end();
    const promoted = await system.adminJson<{ version: number }>('promote', '--wait');
    assert.is(promoted.version, head + 2);
    const both = (await rolloutNow())?.acceptors ?? [];
    assert.is(both.length, 2);
    for (const each of fleet) assert.is(await each.lands(ports.v2), both.includes(each.id) ? 'v1' : 'v2');
    const aborted = await system.adminJson<{ version: number }>('abort', '-m', 'not today', '--wait');
    assert.is(aborted.version, head + 3);
    const ended = await rolloutNow();
    assert.equal([ended?.outcome, ended?.message], ['aborted', 'not today']);
    for (const each of fleet) assert.is(await each.lands(ports.v2), 'v2');
    for (const command of ['abort', 'promote']) {
      const again = await system.admin(command, '--json');
      assert.equal([again.code, JSON.parse(again.stdout).reason], [1, 'rollout']);
    }
    assert.is((await store.log.head()).version, head + 3);
  });

  test('a version that the first acceptor refuses goes no further', async () => {
    const { version: head } = await store.log.head();
    const blockers = await Promise.all(fleet.map(({ bind }) => blocker(31498, bind)));
    const path = system.write('blocked.yaml', blockedGateway(31498));
    const ran = await system.admin('publish', path, '--stages', '1,100%', '--bake', '1h', '--wait', '--json');
    assert.is(ran.code, 1, ran.stdout + ran.stderr);
    const { rollout } = JSON.parse(ran.stdout) as { rollout: RolloutJson };
    assert.equal([rollout.outcome, rollout.breach?.figure], ['aborted', 'refused']);
    assert.match(rollout.message, /31498.*address-in-use/);
    await everywhere(head + 2);
    for (const each of blockers) each.close();
  });

  test('wrong stages, times and limits are wrong usage', async () => {
    for (const words of [
      '--stages 0',
      '--stages 200%',
      '--stages 1 --bake soon',
      '--stages 1 --abort-on x>1',
      '--bake 1s',
    ]) {
      const ran = await system.admin('publish', system.walkThrough(), ...words.split(' '));
      assert.equal([words, ran.code, ran.stdout], [words, 2, '']);
    }
  });
}

/** v2 leads where nobody listens. */
function deadEndpoint(address: string): string {
  return `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: tcp-echo-v2 }
spec:
  address: ${address}
  labels: { app: tcp-echo, system: example, version: v2 }
`;
}

test.run();
