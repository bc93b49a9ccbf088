// Ledger and mailbox on their own: who owns a descriptor, and how it goes from thread to thread.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from './ledger.ts';
import { Mailbox, Notes } from './mailbox.ts';
import { Memory, syscalls } from './syscalls.ts';

const test = suite('handing over');

test('descriptors come out in the order they went in, however pushes and takes mix', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (pushes) => {
      const mailbox = new Mailbox(-1, new Notes(300));
      const expected: number[] = [];
      let next = 1;
      for (const push of pushes) {
        if (push) {
          mailbox.push(next);
          expected.push(next++);
        } else assert.is(mailbox.take(), expected.shift() ?? 0);
        assert.is(mailbox.empty, expected.length === 0);
      }
    }),
  );
});

test('what the accepting thread notes beside a descriptor is there for the worker', () => {
  const notes = new Notes(16);
  const address = new Memory(128);
  address.bytes.set([2, 0, 0, 80, 10, 0, 0, 1]);
  notes.write(9, 65535, address);
  const worker = new Notes(notes.memory);
  assert.is(worker.listener(9), 65535);
  assert.equal([...worker.bytes.slice(worker.addressAt(9), worker.addressAt(9) + 8)], [2, 0, 0, 80, 10, 0, 0, 1]);
});

test('a worker asked to tell of the end of its turn does so once', () => {
  const mailbox = new Mailbox(-1, new Notes(1));
  mailbox.beginTurn();
  assert.ok(mailbox.busy);
  assert.not(mailbox.endTurn());
  mailbox.beginTurn();
  mailbox.askToBeTold();
  assert.ok(mailbox.endTurn());
  assert.not(mailbox.busy);
  assert.not(mailbox.endTurn());
});

test('a sweep closes what one worker held and nothing else', () => {
  const calls = syscalls();
  const ledger = new Ledger(4096, calls);
  const open = (owner: number) => ledger.socket(owner, 2, 1);
  const mine = [open(0), open(0)];
  const others = [open(1), open(1)];
  assert.is(ledger.owned(0), 2);
  assert.is(ledger.sweep(0), 2);
  assert.is(ledger.sweep(0), 0);
  assert.is(ledger.closedTwice, 0);
  for (const fd of others) ledger.close(fd);
  assert.is(ledger.closedTwice, 0);
  for (const fd of [...mine, ...others]) assert.ok(calls.close(fd) < 0, 'it was closed');
  ledger.close(others[0] as number);
  assert.is(ledger.closedTwice, 1);
});

test('a descriptor above the ledger is not used', () => {
  const ledger = new Ledger(2, syscalls());
  assert.ok(ledger.socket(0, 2, 1) < 0);
});

test.run();
