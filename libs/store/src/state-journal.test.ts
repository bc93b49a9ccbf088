import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@sluice/testkit';
import { EMPTY_STATE, type Entry, type State, stepState } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readKeptState, StateJournal } from './state-journal.ts';

const test = suite('state journal');
const folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'));
let files = 0;

interface Step {
  readonly entry: Entry;
  readonly state: State;
}

function next(before: State, name: string): Step {
  const step = {
    kind: 'publish' as const,
    version: before.version + 1,
    change: {
      put: [
        {
          apiVersion: 'v1' as const,
          kind: 'Service' as const,
          metadata: { name, namespace: 'default', labels: {}, annotations: {} },
          spec: { ports: [{ port: 80, name: 'tcp' }] },
        },
      ],
      delete: [],
    },
    ...{ author: 'ann', message: 'why', timeMs: 7, submission: `s${before.version}-${name}`, set: '' },
  };
  const state = stepState(before, step);
  return { entry: { ...step, digest: state.digest, previous: before.digest }, state };
}

/** So many versions, one resource each. */
function chain(count: number): Step[] {
  const steps: Step[] = [];
  for (let n = 0; n < count; n++) steps.push(next(steps.at(-1)?.state ?? EMPTY_STATE, `s${n}`));
  return steps;
}

const opened: StateJournal[] = [];
function openJournal(path: string): StateJournal {
  const journal = new StateJournal(path);
  opened.push(journal);
  return journal;
}

const newPath = () => join(folder, `state-${files++}`);

async function loaded(path: string): Promise<{ version: number; left: string | undefined }> {
  const read = await openJournal(path).load();
  assert.ok(read.ok, read.ok ? '' : read.message);
  return { version: read.ok ? read.state.version : -1, left: read.left };
}

/** Keeps the first as a whole, and the others by their entries. */
async function kept(path: string, steps: readonly Step[]): Promise<StateJournal> {
  const journal = openJournal(path);
  for (const { entry, state } of steps) {
    journal.followed(entry);
    await journal.keep(state);
  }
  return journal;
}

test('keeps a change by its entry, and gives the state after the last', async () => {
  const path = newPath();
  const steps = chain(5);
  const journal = await kept(path, steps.slice(0, 1));
  const whole = statSync(path).mtimeMs;
  for (const { entry, state } of steps.slice(1)) {
    journal.followed(entry);
    await journal.keep(state);
  }
  assert.is(statSync(path).mtimeMs, whole);
  assert.is(readFileSync(`${path}.journal`, 'utf8').split('\n').length, 5);
  const read = await openJournal(path).load();
  assert.ok(read.ok && read.state.digest === steps[4]!.state.digest && read.state.version === 5);
});

test('versions that were followed and never committed are kept with the next that is', async () => {
  const path = newPath();
  const steps = chain(6);
  const journal = await kept(path, steps.slice(0, 2));
  for (const { entry } of steps.slice(2)) journal.followed(entry);
  await journal.keep(steps[5]!.state);
  assert.equal(await loaded(path), { version: 6, left: undefined });
});

test('goes on where the last run ended', async () => {
  const path = newPath();
  const steps = chain(6);
  await (await kept(path, steps.slice(0, 3))).close();
  const journal = openJournal(path);
  await journal.load();
  journal.followed(steps[3]!.entry);
  await journal.keep(steps[3]!.state);
  assert.equal(await loaded(path), { version: 4, left: undefined });
});

test('goes back to a state it had', async () => {
  const path = newPath();
  const steps = chain(4);
  const journal = await kept(path, steps);
  await journal.keep(steps[2]!.state);
  assert.equal(await loaded(path), { version: 3, left: undefined });
  const other = next(steps[3]!.state, 'other');
  journal.followed(other.entry);
  await journal.keep(other.state);
  assert.equal(await loaded(path), { version: 5, left: undefined });
});

test('writes the state as a whole where the entries do not lead to it', async () => {
  const path = newPath();
  const steps = chain(3);
  const journal = await kept(path, steps.slice(0, 1));
  await journal.keep(steps[2]!.state);
  assert.is(readFileSync(`${path}.journal`, 'utf8'), '');
  assert.equal(await loaded(path), { version: 3, left: undefined });
});

test('reading what an acceptor keeps changes none of it', async () => {
  const path = newPath();
  await kept(path, chain(3));
  appendFileSync(`${path}.journal`, '{"half a line');
  const before = [readFileSync(path, 'latin1'), readFileSync(`${path}.journal`, 'utf8')];
  const read = await readKeptState(path);
  assert.ok(read.ok && read.state.version === 3 && read.left === undefined);
  assert.equal([readFileSync(path, 'latin1'), readFileSync(`${path}.journal`, 'utf8')], before);
});

test('lines that the state file holds already leave nothing behind what is written next', async () => {
  const path = newPath();
  const steps = chain(4);
  const journal = await kept(path, steps.slice(0, 3));
  await journal.close();
  const lines = readFileSync(`${path}.journal`, 'utf8');
  // A crash after the state file was written as a whole, and before the journal was emptied.
  await openJournal(path).keep(steps[2]!.state);
  writeFileSync(`${path}.journal`, lines);
  const again = openJournal(path);
  await again.load();
  again.followed(steps[3]!.entry);
  await again.keep(steps[3]!.state);
  assert.equal(await loaded(path), { version: 4, left: undefined });
});

test('what was kept on a disk that is nearly full is read again', async () => {
  const path = newPath();
  // In blocks of 512 bytes.
  const command = `ulimit -f 16; exec "$0" "$@"`;
  const args = ['-c', command, process.execPath, join(import.meta.dirname, 'nearly-full.test-kit.ts'), path];
  const { code, stdout, stderr } = await run('/bin/sh', { args });
  assert.is(code, 0, stderr);
  const kept = Number(stdout);
  assert.ok(kept > 1 && kept < 200, stdout);
  assert.equal(await loaded(path), { version: kept, left: undefined });
});

test('a line that a crash cut off is left; what is written next takes its place', async () => {
  const path = newPath();
  const steps = chain(4);
  await (await kept(path, steps.slice(0, 3))).close();
  const journal = `${path}.journal`;
  truncateSync(journal, statSync(journal).size - 10);
  assert.equal(await loaded(path), { version: 2, left: undefined });
  const again = openJournal(path);
  await again.load();
  for (const { entry, state } of steps.slice(2)) {
    again.followed(entry);
    await again.keep(state);
  }
  assert.equal(await loaded(path), { version: 4, left: undefined });
});

test('nothing behind a damaged line is taken, and it is said', async () => {
  for (const [damage, why] of [
    [(text: string) => text.replace('"s2"', '"x2"'), 'gives'],
    [(text: string) => text.replace(/\n/, 'x\n'), 'not JSON'],
    [(text: string) => text.replace('"version":3', '"version":4'), 'does not follow'],
  ] as const) {
    const path = newPath();
    await (await kept(path, chain(5))).close();
    const journal = `${path}.journal`;
    const [first, ...rest] = readFileSync(journal, 'utf8').split(/(?<=\n)/);
    writeFileSync(journal, `${first}${damage(rest.join(''))}`);
    const { version, left } = await loaded(path);
    assert.is(version, 2);
    assert.match(left ?? '', why);
  }
});

test('entries that the state file holds already are passed over', async () => {
  const path = newPath();
  const steps = chain(4);
  await (await kept(path, steps)).close();
  const journal = readFileSync(`${path}.journal`, 'utf8');
  const whole = openJournal(path);
  await whole.keep(steps[2]!.state);
  appendFileSync(`${path}.journal`, journal);
  assert.equal(await loaded(path), { version: 4, left: undefined });
});

test('without a state file a journal is nothing', async () => {
  const path = newPath();
  await (await kept(path, chain(3))).close();
  rmSync(path);
  const read = await openJournal(path).load();
  assert.ok(!read.ok && read.reason === 'none');
});

test('two that write the same journal are told of it, and what is kept is the newest of either', async () => {
  const path = newPath();
  const steps = chain(8);
  const one = await kept(path, steps.slice(0, 2));
  const other = openJournal(path);
  await other.load();
  for (const { entry } of steps.slice(2)) {
    one.followed(entry);
    other.followed(entry);
  }
  const state = (version: number) => steps[version - 1]?.state as State;
  assert.is(await one.keep(state(3)), 'kept');
  // Its own entry for version 3 would lie where that of the first lies.
  assert.is(await other.keep(state(3)), 'shared');
  assert.equal(await loaded(path), { version: 3, left: undefined });
  assert.is(await other.keep(state(4)), 'kept');
  assert.is(await one.keep(state(5)), 'shared');
  assert.equal(await loaded(path), { version: 5, left: undefined });
  // One alone goes on as before.
  assert.is(await one.keep(state(6)), 'kept');
  assert.is(await one.keep(state(7)), 'kept');
  assert.is(await one.keep(state(6)), 'kept');
  assert.equal(await loaded(path), { version: 6, left: undefined });
});

test.after(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  rmSync(folder, { recursive: true, force: true });
});

test.run();
