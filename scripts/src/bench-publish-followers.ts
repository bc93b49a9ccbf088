// Several followers of the log in one process, each with a compiler and a table of its own, for `bench publish`.
import { openStore } from '@sluice/store';
import { createLive, openLive } from '@sluice/upstream';
import { TableMaker } from '../../apps/acceptor/src/table-maker.ts';

const [url = '', count = '1'] = process.argv.slice(2);
const labels = { istio: 'ingressgateway' };
const opened = await openStore(url, { role: 'acceptor' });
if (!opened.ok) throw opened.fault;
const { log } = opened.value;
const state = await log.stateAt('head');

async function follow(follower: number): Promise<void> {
  const tables = new TableMaker(labels, openLive(createLive(1)));
  if (state !== null) tables.make(state);
  process.stdout.write(`${JSON.stringify({ event: 'following', follower })}\n`);
  for await (const event of log.follow(state, AbortSignal.any([]))) {
    if (event.type !== 'state' && event.type !== 'entry') continue;
    const startMs = performance.now();
    tables.make(event.state);
    const ms = performance.now() - startMs;
    const { version } = event.state;
    process.stdout.write(`${JSON.stringify({ event: 'committed', follower, version, time: Date.now(), ms })}\n`);
  }
}

await Promise.all(Array.from({ length: Number(count) }, (_, follower) => follow(follower)));
