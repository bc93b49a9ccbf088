// Taking connections while the thread that opens listeners closes one and opens another of the same descriptor number.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as abi from './abi.ts';
import { Intake } from './intake.ts';
import { Notes } from './mailbox.ts';
import { Memory } from './syscalls.ts';

const test = suite('intake');
const listening = 20;

/** Answers these descriptors or errors one after the other; each step is done before its answer. */
function intakeOf(notes: Notes, answers: readonly (number | (() => number))[]) {
  const left = [...answers];
  const taken: number[] = [];
  const refused: number[] = [];
  const intake = new Intake({
    notes,
    accept: () => {
      const answer = left.shift() ?? -abi.EAGAIN;
      return typeof answer === 'number' ? answer : answer();
    },
    taken: (fd) => void taken.push(fd),
    refuse: (fd) => void refused.push(fd),
  });
  return { intake, taken, refused };
}

function notesOf(listener: number): Notes {
  const notes = new Notes(64);
  notes.listens(listening, listener, new Memory(abi.sockaddrBytes));
  return notes;
}

test('a connection accepted while its listener became another one is refused, and later ones are the new one’s', () => {
  const notes = notesOf(1);
  const becomesAnother = () => {
    notes.listensNoMore(listening);
    notes.listens(listening, 2, new Memory(abi.sockaddrBytes));
    return 31;
  };
  const { intake, taken, refused } = intakeOf(notes, [30, becomesAnother, 32]);
  assert.is(intake.take(listening), 3);
  assert.equal(taken, [30, 32]);
  assert.equal(refused, [31]);
  assert.equal([notes.listener(30), notes.listener(32)], [1, 2]);
});

test('one whose listener only closes meanwhile is its listener’s still', () => {
  const notes = notesOf(1);
  const closes = () => {
    notes.listensNoMore(listening);
    return 30;
  };
  const { intake, taken, refused } = intakeOf(notes, [closes, -abi.EBADF]);
  intake.take(listening);
  assert.equal([taken, refused], [[30], []]);
  assert.is(notes.listener(30), 1);
});

test('errors of one connection are passed over, and want of descriptors is told', () => {
  const { intake, taken } = intakeOf(notesOf(1), [-abi.ECONNABORTED, 30, -abi.EMFILE, 31]);
  assert.is(intake.take(listening), 1);
  assert.equal(taken, [30]);
  assert.is(intake.exhausted, -abi.EMFILE);
  intake.take(listening);
  assert.is(intake.exhausted, 0);
});

test.run();
