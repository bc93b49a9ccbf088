// A state as bytes to be stored, and back: gzip over the lines of a checkpoint, its parts one after the other, so that parts
// which have not changed since the last time are not packed again. Gives way to the event loop in between.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { CheckpointReader, checkpointParts, type ReadCheckpoint, type State } from '@sluice/version';

/** Lines read between two turns of the event loop: about a millisecond of work. */
const CHUNK_LINES = 64;

/** Resources repeat themselves: level 1 packs them to a tenth already, at several times the speed of level 6. */
const GZIP_LEVEL = 1;

/** What a packed state may unpack to: a bomb in the store must not take the memory of every follower. */
const MAX_UNPACKED_BYTES = 1024 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** Parts as they were packed, for as long as any state has them: a tenth of what the state itself takes. */
const packed = new WeakMap<object, Buffer>();

export async function packState(state: State): Promise<Uint8Array> {
  const members: Buffer[] = [];
  for (const { of, lines } of checkpointParts(state)) {
    let member = of && packed.get(of);
    if (member === undefined) {
      const text = [...lines].join('');
      // A gzip file may have any number of members (RFC 1952, section 2.2); an empty bucket needs none.
      member = text === '' ? NOTHING : await promisify(gzip)(text, { level: GZIP_LEVEL });
      if (of !== undefined) packed.set(of, member);
    }
    members.push(member);
  }
  return Buffer.concat(members);
}

/** Refuses what cannot be read, and what its digest does not fit. */
export async function unpackState(bytes: Uint8Array): Promise<ReadCheckpoint> {
  let lines: Buffer;
  try {
    lines = await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    return { ok: false, message: `it cannot be unpacked: ${error instanceof Error ? error.message : String(error)}` };
  }
  const reader = new CheckpointReader();
  let count = 0;
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(10, start);
    const line = lines.toString('utf8', start, end < 0 ? lines.length : end);
    if (!reader.line(line)) break;
    start = end < 0 ? lines.length : end + 1;
    if (++count % CHUNK_LINES === 0) await nextTurn();
  }
  return reader.end();
}
