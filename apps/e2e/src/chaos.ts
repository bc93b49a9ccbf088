// `scripts/chaos`: a whole system of real processes under load, to which seeded accidents happen, and what must hold
// whatever happens. Exit 0: it held; 1: it did not; 2: wrong usage; 3: no Redis.
import { endAll, readCommandLine, seeded } from '@sluice/testkit';
import { Accidents } from './chaos-accidents.ts';
import { sessionSocketsOf } from './chaos-descriptors.ts';
import { Load } from './chaos-load.ts';
import { Violations } from './chaos-violations.ts';
import { startSystem } from './system.ts';

const help = `Usage: ./scripts/chaos [--seconds N] [--seed S]

Runs Redis, a config service and two acceptors; clients connect all the time, and sessions echo all the time. Meanwhile,
chosen by the seed: routes flip, listeners come and go, bad changes are published, Redis and the config service are
stopped or killed, workers crash, acceptors are killed. Checked: no byte of an established session is lost or changed, no
connect fails that nothing excuses, every version converges everywhere and routes as it says, a bad change changes
nothing, no descriptor and no process is left.

  --seconds N   how long accidents go on (1..3600, default 30)
  --seed S      a whole number; the same accidents in the same order (default: another each time)

SLUICE_ENGINE=node or linux chooses the engine. Exit status: 0 all held, 1 something did not, 2 wrong usage, 3 no Redis.
`;

const maxSeconds = 3600;
const maxSeed = 2 ** 32 - 1;

const say = (text: string) => void process.stdout.write(`${text}\n`);

const { whole } = readCommandLine(help, {
  seconds: { type: 'string', default: '30' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * maxSeed)) },
});
const seconds = whole('seconds', 1, maxSeconds);
const seed = whole('seed', 0, maxSeed);
const system = await startSystem();
if (system === null) {
  process.stderr.write('chaos needs a redis-server or valkey-server on PATH (apt-get install redis-server)\n');
  process.exit(3);
}
say(`seed ${seed}, ${seconds} s of accidents`);
const startMs = performance.now();
const at = () => `${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s`;
const violations = new Violations((text) => say(`${at()}  VIOLATED: ${text}`));
const accidents = new Accidents(system, seeded(seed), violations, (text) => say(`${at()}  ${text}`));
let interrupted = false;
process.once('SIGINT', () => (interrupted = true));
try {
  const places = await accidents.begin();
  const load = new Load(places, seeded(seed + 1), violations);
  load.start();
  while (performance.now() - startMs < seconds * 1000 && !interrupted) await accidents.next();
  await load.stop();
  await accidents.settle();
  for (const place of places) {
    const left = await sessionSocketsOf(place.acceptor);
    violations.check(left.length === 0, `${place.acceptor.id} still holds sockets of sessions: ${left.join(', ')}`);
  }
  await accidents.end();
  say(`${at()}  ${accidents.count} accidents, ${load.told()}`);
} catch (cause) {
  violations.add(`it could not go on: ${(cause as Error).stack}`);
} finally {
  await endAll();
  await system.close();
}
const { length } = violations.all;
say(
  `${length === 0 ? 'held' : `${length} violations`}; again with ./scripts/chaos --seconds ${seconds} --seed ${seed}`,
);
process.exit(length === 0 ? 0 : 1);
