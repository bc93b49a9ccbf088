// A state as bytes to be stored, and back: gzip over the lines of a checkpoint. Gives way to the event loop in between.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { CheckpointReader, checkpointLines, type ReadCheckpoint, type State } from '@sluice/version';

/** Characters written, or lines read, between two turns of the event loop: about a millisecond of work. */
const CHUNK_CHARACTERS = 256 * 1024;
const CHUNK_LINES = 64;

/** Resources repeat themselves: level 1 packs them to a tenth already, at several times the speed of level 6. */
const GZIP_LEVEL = 1;

/** What a packed state may unpack to: a bomb in the store must not take the memory of every follower. */
const MAX_UNPACKED_BYTES = 1024 * 1024 * 1024;

export async function packState(state: State): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let text = '';
  for (const line of checkpointLines(state)) {
    text += line;
    if (text.length < CHUNK_CHARACTERS) continue;
    chunks.push(Buffer.from(text));
    text = '';
    await nextTurn();
  }
  chunks.push(Buffer.from(text));
  return promisify(gzip)(Buffer.concat(chunks), { level: GZIP_LEVEL });
}

/** Refuses what cannot be read, and what its digest does not fit. */
export async function unpackState(packed: Uint8Array): Promise<ReadCheckpoint> {
  let lines: Buffer;
  try {
    lines = await promisify(gunzip)(packed, { maxOutputLength: MAX_UNPACKED_BYTES });
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
