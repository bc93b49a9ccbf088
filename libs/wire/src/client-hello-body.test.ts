// What the ClientHello parser reads in the fields and extensions of a hello.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClientHelloVerdict, inspectClientHello } from './client-hello.ts';
import type { ClientHello } from './client-hello-body.ts';
import {
  alpnOf,
  echOuter,
  greaseExtension,
  greaseValue,
  type HelloExtension,
  helloFor,
  helloStream,
  joined,
  keyShare,
  record,
  serverNameOf,
  supportedVersions,
  uint16,
  vector8,
  vector16,
} from './client-hello-build.ts';

const test = suite('client-hello-body');
const look = (bytes: Uint8Array): ClientHelloVerdict => inspectClientHello(bytes, false);
const withExtensions = (...extensions: HelloExtension[]): ClientHelloVerdict => look(helloStream({ extensions }));

function helloIn(verdict: ClientHelloVerdict): ClientHello {
  if (verdict.kind !== 'done') throw new Error(`not done: ${JSON.stringify(verdict)}`);
  return verdict.hello;
}

function reasonOf(verdict: ClientHelloVerdict): string {
  return 'reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind;
}

test('says all it knows of a usual hello', () => {
  assert.equal(helloIn(look(helloFor('tcp-echo.example.com', ['h2', 'http/1.1']))), {
    serverName: 'tcp-echo.example.com',
    serverNameIsAddress: false,
    alpn: ['h2', 'http/1.1'],
    legacyVersion: 0x0303,
    maxVersion: 0x0304,
    echOuter: false,
  });
});

test('a hello without any extensions is done, and without a name', () => {
  const hello = helloIn(look(helloStream({ extensions: null, legacyVersion: 0x0301, sessionIdBytes: 0 })));
  assert.is(hello.serverName, null);
  assert.is(hello.maxVersion, 0x0301);
  assert.equal(hello.alpn, []);
  assert.is(helloIn(look(helloStream({ extensions: [] }))).serverName, null);
});

test('GREASE is passed over wherever it stands', () => {
  const hello = helloIn(
    look(
      helloStream({
        cipherSuites: [greaseValue(2), 0x1301],
        extensions: [
          greaseExtension(0),
          serverNameOf('a.b'),
          alpnOf(['\x3a\x3a', 'h2', '\x3a\x4a']),
          supportedVersions([greaseValue(15), 0x0304]),
          greaseExtension(7, Uint8Array.of(0)),
        ],
      }),
    ),
  );
  assert.equal(hello.alpn, ['h2', '\x3a\x4a']);
  assert.is(hello.maxVersion, 0x0304);
  assert.equal(helloIn(withExtensions(alpnOf(['\x0a\x0a']))).alpn, [], 'GREASE alone leaves no protocol');
});

test('drafts and unknown versions do not count as the highest', () => {
  assert.is(helloIn(withExtensions(supportedVersions([0x7f1c, 0x0303]))).maxVersion, 0x0303);
  assert.is(helloIn(withExtensions(supportedVersions([0x7f1c]))).maxVersion, 0x0303, 'none known: the legacy one');
});

test('with Encrypted Client Hello the outer name counts, and it is told that there is one', () => {
  const hello = helloIn(withExtensions(serverNameOf('public.example'), echOuter(208)));
  assert.is(hello.serverName, 'public.example');
  assert.is(hello.echOuter, true);
  assert.is(helloIn(withExtensions({ type: 0xfe0d, content: Uint8Array.of(1) })).echOuter, false, 'an inner one');
  assert.is(helloIn(withExtensions({ type: 0xfe0d, content: new Uint8Array(0) })).echOuter, false);
});

test('key shares of post-quantum sizes fit, in one record or in many', () => {
  for (const bytes of [1216, 1568 + 97, 16_000, 21_632, 60_000]) {
    const extensions = [keyShare(0x11ec, bytes), serverNameOf('pq.example.com')];
    assert.is(helloIn(look(helloStream({ extensions }))).serverName, 'pq.example.com');
    assert.is(helloIn(look(helloStream({ extensions }, [1, 2, 3, 4, 512]))).serverName, 'pq.example.com');
  }
});

test('names: lower case, one trailing dot dropped, underscores as in names of clusters', () => {
  const names = [
    ['TCP-Echo.EXAMPLE.Com', 'tcp-echo.example.com'],
    ['example.com.', 'example.com'],
    ['localhost', 'localhost'],
    [
      'outbound_.8080_.v1_.tcp-echo.default.svc.cluster.local',
      'outbound_.8080_.v1_.tcp-echo.default.svc.cluster.local',
    ],
    ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
    ['1.2.3.4.example', '1.2.3.4.example'],
    [`${'a'.repeat(63)}.b`, `${'a'.repeat(63)}.b`],
    [`b.${'a'.repeat(63)}`, `b.${'a'.repeat(63)}`],
    ['1.2.3', '1.2.3'],
  ];
  for (const [sent, read] of names) {
    const hello = helloIn(withExtensions(serverNameOf(sent!)));
    assert.is(hello.serverName, read);
    assert.is(hello.serverNameIsAddress, false, sent);
  }
});

test('an address as a name is told as one', () => {
  for (const name of ['192.0.2.1', '10.0.0.0', '10.0.0.9', '2001:db8::1', '::ffff:192.0.2.1']) {
    const hello = helloIn(withExtensions(serverNameOf(name)));
    assert.is(hello.serverName, name);
    assert.is(hello.serverNameIsAddress, true, name);
  }
});

test('what is no name makes the hello malformed', () => {
  const longest = `${`${'a'.repeat(49)}.`.repeat(5)}abc`;
  assert.is(longest.length, 253);
  assert.is(helloIn(withExtensions(serverNameOf(longest))).serverName, longest);
  const invalid = [
    '.',
    '..',
    '.a',
    'a..b',
    'a..',
    '*.example.com',
    '*',
    'a b',
    'a\0',
    '\0',
    'a.b\0.c',
    'münchen',
    'a/b',
    'a%b',
    'a:443',
    '[::1]',
    '::1.',
    ':',
    '1:2',
    'a\r\n',
    `${'a'.repeat(64)}.b`,
    `${longest}d`,
    'a'.repeat(5000),
  ];
  for (const name of invalid) {
    assert.is(reasonOf(withExtensions(serverNameOf(name))), 'malformed server-name-invalid', JSON.stringify(name));
  }
});

test('server_name: lengths, several names, other types', () => {
  const content = (...bytes: number[]): HelloExtension => ({ type: 0, content: Uint8Array.from(bytes) });
  assert.is(reasonOf(withExtensions(serverNameOf('a', 'b'))), 'malformed server-name-several');
  assert.is(reasonOf(withExtensions(serverNameOf('a', 'a'))), 'malformed server-name-several');
  const lengths = [
    content(),
    content(0),
    content(0, 0),
    content(0, 1, 0),
    content(0, 3, 0, 0, 0),
    content(0, 4, 0, 0, 2, 97),
    content(0, 5, 0, 0, 1, 97),
    content(0, 4, 0, 0, 1, 97, 0),
    content(0, 5, 0, 0, 1, 97, 0),
    content(0, 4, 0, 255, 255, 97),
  ];
  for (const extension of lengths) {
    assert.is(reasonOf(withExtensions(extension)), 'malformed server-name-length', extension.content.join());
  }
  assert.is(helloIn(withExtensions(content(0, 8, 7, 0, 1, 42, 0, 0, 1, 98))).serverName, 'b', 'another type first');
  assert.is(helloIn(withExtensions(content(0, 4, 7, 0, 1, 42))).serverName, null, 'another type alone');
});

test('ALPN: lengths, empty names, a bound on their number', () => {
  const content = (...bytes: number[]): HelloExtension => ({ type: 16, content: Uint8Array.from(bytes) });
  const lengths = [
    content(),
    content(0),
    content(0, 0),
    content(0, 1, 0),
    content(0, 2, 2, 97),
    content(0, 3, 1, 97),
    content(0, 2, 1, 97, 0),
    content(0, 3, 1, 97, 0),
    content(0, 1, 1),
  ];
  for (const extension of lengths) {
    assert.is(reasonOf(withExtensions(extension)), 'malformed alpn-length', extension.content.join());
  }
  assert.is(helloIn(withExtensions(alpnOf(new Array(64).fill('x')))).alpn.length, 64);
  assert.is(reasonOf(withExtensions(alpnOf(new Array(65).fill('x')))), 'malformed alpn-too-many');
  assert.equal(helloIn(withExtensions(alpnOf(['\xff\0']))).alpn, ['\xff\0'], 'opaque bytes');
});

test('supported_versions: lengths', () => {
  for (const bytes of [[], [0], [1, 3], [2, 3], [2, 3, 4, 0], [3, 3, 4, 3], [4, 3, 4]]) {
    const extension = { type: 43, content: Uint8Array.from(bytes) };
    assert.is(reasonOf(withExtensions(extension)), 'malformed supported-versions', bytes.join());
  }
});

test('an extension twice is malformed, whichever it is, and leaves no trace for the next hello', () => {
  const once = { type: 0xabcd, content: new Uint8Array(3) };
  assert.is(reasonOf(withExtensions(once, serverNameOf('a'), once)), 'malformed extension-duplicate');
  assert.is(reasonOf(withExtensions(serverNameOf('a'), serverNameOf('a'))), 'malformed extension-duplicate');
  assert.is(reasonOf(withExtensions(greaseExtension(4), greaseExtension(4))), 'malformed extension-duplicate');
  assert.is(helloIn(withExtensions(once, serverNameOf('a'))).serverName, 'a');
  const many = Array.from({ length: 15_000 }, (_, type) => ({ type: type + 100, content: new Uint8Array(0) }));
  assert.is(withExtensions(...many).kind, 'done');
  assert.is(reasonOf(withExtensions(...many, many[0]!)), 'malformed extension-duplicate');
  assert.is(withExtensions(...many).kind, 'done');
});

test('fields of the hello: lengths and forms', () => {
  const message = (body: Uint8Array): Uint8Array => record(22, joined(Uint8Array.of(1, 0), uint16(body.length), body));
  const start = joined(uint16(0x0303), new Uint8Array(32));
  const suites = vector16(uint16(0x1301));
  const whole = joined(start, Uint8Array.of(0), suites, Uint8Array.of(1, 0));
  assert.is(look(message(whole)).kind, 'done');
  for (let size = 0; size < whole.length; size++) {
    assert.is(reasonOf(look(message(whole.subarray(0, size)))), 'malformed hello-length', `cut to ${size}`);
  }
  const cases: [string, Uint8Array][] = [
    ['session-id', joined(start, vector8(new Uint8Array(33)), suites, Uint8Array.of(1, 0))],
    ['cipher-suites', joined(start, Uint8Array.of(0), vector16(), Uint8Array.of(1, 0))],
    ['cipher-suites', joined(start, Uint8Array.of(0), vector16(Uint8Array.of(1, 2, 3)), Uint8Array.of(1, 0))],
    ['compression-methods', joined(start, Uint8Array.of(0), suites, Uint8Array.of(0))],
    ['hello-length', joined(whole, Uint8Array.of(0))],
    ['hello-length', joined(whole, Uint8Array.of(0, 1))],
    ['hello-length', joined(whole, Uint8Array.of(0, 0, 0))],
    ['hello-length', joined(whole, Uint8Array.of(255, 255))],
    ['extension-length', joined(whole, vector16(Uint8Array.of(9, 9, 0)))],
    ['extension-length', joined(whole, vector16(Uint8Array.of(9, 9, 0, 1)))],
    ['extension-length', joined(whole, vector16(Uint8Array.of(9, 9, 255, 255, 0)))],
  ];
  for (const [reason, body] of cases) assert.is(reasonOf(look(message(body))), `malformed ${reason}`);
});

test.run();
