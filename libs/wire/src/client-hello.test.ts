// What the ClientHello parser says about records and streams built for each case.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ClientHelloVerdict,
  inspectClientHello,
  MAX_CLIENT_HELLO_BYTES,
  MAX_CLIENT_HELLO_RECORDS,
} from './client-hello.ts';
import type { ClientHello } from './client-hello-body.ts';
import {
  helloFor,
  helloMessage,
  helloStream,
  inRecords,
  joined,
  keyShare,
  record,
  serverNameOf,
} from './client-hello-build.ts';

const test = suite('client-hello');
const look = (bytes: Uint8Array): ClientHelloVerdict => inspectClientHello(bytes, false);
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function helloIn(verdict: ClientHelloVerdict): ClientHello {
  if (verdict.kind !== 'done') throw new Error(`not done: ${JSON.stringify(verdict)}`);
  return verdict.hello;
}

function reasonOf(verdict: ClientHelloVerdict): string {
  return 'reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind;
}

test('what is not TLS is known by its first two bytes', () => {
  const first = [
    Uint8Array.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), // Postgres SSLRequest
    Uint8Array.from([0x80, 0x2e, 1, 3, 1]), // SSLv2-compatible hello
    bytesOf('GET / HTTP/1.1\r\n'),
    bytesOf('SSH-2.0-x'),
    record(21, Uint8Array.of(2, 40)),
    record(23, new Uint8Array(9)),
    record(20, Uint8Array.of(1)),
  ];
  for (const bytes of first) {
    for (const seen of [bytes.subarray(0, 1), bytes]) assert.is(reasonOf(look(seen)), 'not-tls first-byte');
  }
  for (const major of [0, 2, 4, 255]) {
    assert.is(reasonOf(look(Uint8Array.of(22, major))), 'not-tls record-version');
  }
  assert.is(helloIn(look(helloFor('a').with(2, 0xee))).serverName, 'a', 'a strange minor version is ignored');
});

test('a stream that ends early is nothing, or truncated', () => {
  assert.is(reasonOf(inspectClientHello(new Uint8Array(0), true)), 'not-tls no-bytes');
  const stream = helloStream({ extensions: [serverNameOf('a')] }, [7]);
  for (let size = 1; size < stream.length; size++) {
    assert.is(reasonOf(inspectClientHello(stream.subarray(0, size), true)), 'malformed truncated');
  }
  assert.is(inspectClientHello(stream, true).kind, 'done');
});

test('records: empty, too long, others between, something after', () => {
  const message = helloMessage({ extensions: [serverNameOf('a')] });
  const [head, tail] = [message.subarray(0, 20), message.subarray(20)];
  const cases: [string, Uint8Array][] = [
    ['malformed record-empty', record(22, new Uint8Array(0))],
    ['malformed record-empty', joined(record(22, head), record(22, new Uint8Array(0)))],
    ['malformed record-too-long', Uint8Array.of(22, 3, 1, 0x40, 0x01)],
    ['malformed record-interleaved', joined(record(22, head), record(21, tail))],
    ['malformed record-version', joined(record(22, head), record(22, tail, 0x0403))],
    ['malformed not-client-hello', record(22, Uint8Array.of(2))],
    ['malformed not-client-hello', record(22, Uint8Array.of(0, 0, 0, 0))],
    ['malformed trailing-bytes', record(22, joined(message, Uint8Array.of(0)))],
    ['malformed trailing-bytes', joined(record(22, head), record(22, joined(tail, message)))],
    ['malformed hello-length', record(22, Uint8Array.of(1, 0, 0, 0))],
    ['done', joined(record(22, message), record(23, new Uint8Array(100)))],
    ['done', joined(record(22, message), Uint8Array.of(1, 2, 3))],
  ];
  for (const [said, bytes] of cases) assert.is(reasonOf(look(bytes)), said);
  // Known from the announced lengths, before the bytes are there.
  assert.is(
    reasonOf(look(joined(Uint8Array.of(22, 3, 1, 0, 100), message.subarray(0, 4)))),
    'malformed trailing-bytes',
  );
  assert.is(reasonOf(look(Uint8Array.of(22, 3, 1, 0x40, 0, 1, 1, 0, 0))), 'malformed too-long');
  assert.is(reasonOf(look(Uint8Array.of(22, 3, 1, 0x40, 0, 1, 255, 255, 255))), 'malformed too-long');
});

/** A handshake message of exactly so many bytes. */
function messageOf(bytes: number): Uint8Array {
  const padded = (padding: number) =>
    helloMessage({ extensions: [{ type: 0xabcd, content: new Uint8Array(padding) }] });
  return padded(bytes - padded(0).length);
}

test('the longest hello fills the limit to the byte, and one more is too long', () => {
  const longest = inRecords(messageOf(MAX_CLIENT_HELLO_BYTES - 4 * 5));
  assert.is(longest.length, MAX_CLIENT_HELLO_BYTES);
  assert.is(look(longest).kind, 'done');
  const longer = inRecords(messageOf(MAX_CLIENT_HELLO_BYTES - 4 * 5 + 1));
  assert.is(reasonOf(look(longer)), 'malformed too-long');
  assert.is(reasonOf(look(longer.subarray(0, 40_000))), 'need-more');
});

test('a hello that goes on where no further record fits is too long', () => {
  const message = messageOf(MAX_CLIENT_HELLO_BYTES - 5 - 4 * 5 + 1);
  const stream = inRecords(message, [16_384, 16_384, 16_384, message.length - 3 * 16_384 - 1, 1]);
  assert.is(reasonOf(look(stream.subarray(0, MAX_CLIENT_HELLO_BYTES - 6))), 'need-more');
  assert.is(reasonOf(look(stream.subarray(0, MAX_CLIENT_HELLO_BYTES - 5))), 'malformed too-long');
});

test('a hello in records of one byte is read, up to the limit on records', () => {
  assert.is(look(inRecords(messageOf(MAX_CLIENT_HELLO_RECORDS), [1])).kind, 'done');
  const longer = inRecords(messageOf(MAX_CLIENT_HELLO_RECORDS + 1), [1]);
  assert.is(reasonOf(look(longer)), 'malformed too-many-records');
});

test('growth by one byte costs two looks a record to who heeds atLeastBytes', () => {
  const message = helloMessage({ extensions: [keyShare(0x11ec, 1216)] });
  for (const recordBytes of [16_384, 500, 100, 3, 1]) {
    const bytes = inRecords(message, [recordBytes]);
    let looks = 0;
    let at = 0;
    for (;;) {
      const verdict = look(bytes.subarray(0, at));
      looks++;
      if (verdict.kind !== 'need-more') break;
      at = verdict.atLeastBytes;
    }
    assert.is(at, bytes.length);
    const records = Math.ceil(message.length / recordBytes);
    assert.ok(looks <= 2 * records + 5, `${looks} looks at ${records} records`);
  }
});

test.run();
