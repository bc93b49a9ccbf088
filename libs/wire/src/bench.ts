// What a look at a ClientHello or PROXY header costs, next to copying the same bytes: `node libs/wire/src/bench.ts`.
// Prints nanoseconds of this machine; the ratios hold better than the figures.
import { type ClientHelloVerdict, inspectClientHello, MAX_CLIENT_HELLO_BYTES } from './client-hello.ts';
import { helloMessage, helloStream, inRecords, keyShare, serverNameOf } from './client-hello-build.ts';
import { corpusOf, FUZZ_TARGETS } from './fuzz-case.ts';
import { readProxyHeader } from './proxy-header.ts';

const ROUNDS = 5;
const CALLS = 200_000;

const files = FUZZ_TARGETS.flatMap(corpusOf);
const small = file('openssl-3.0-alpn.bin');
const large = file('node-26-pq.bin');
const inFour = helloStream({ extensions: [serverNameOf('a.example.com'), keyShare(0x11ec, 1216)] }, [400]);
const v1 = file('v1-tcp4.bin');
const v2 = file('v2-tcp4.bin');

const cases: readonly [string, () => unknown][] = [
  ['copy of 344 bytes, for comparison', () => new Uint8Array(small)],
  ['hello of OpenSSL, 344 bytes', () => inspectClientHello(small, false)],
  ['hello of Node, post-quantum, 1615 bytes', () => inspectClientHello(large, false)],
  ['the same, one byte missing', () => inspectClientHello(large.subarray(0, 1614), false)],
  ['not TLS', () => inspectClientHello(v1, false)],
  ['hello in 4 records', () => inspectClientHello(inFour, false)],
  ['PROXY v1', () => readProxyHeader(v1, false)],
  ['PROXY v2', () => readProxyHeader(v2, false)],
];
for (const [name, run] of cases) {
  const rounds = Array.from({ length: ROUNDS }, () => nanosecondsOf(run)).sort((a, b) => a - b);
  print(rounds[ROUNDS >> 1]!, 'ns', name);
}
print(growthMs(true), 'ms', 'longest hello byte by byte, each look going on from the one before');
print(growthMs(false), 'ms', 'the same, each look starting over, but only at atLeastBytes');

function file(name: string): Uint8Array {
  return files.find((entry) => entry.name === name)!.bytes;
}

function print(figure: number, unit: string, name: string): void {
  process.stdout.write(`${figure.toFixed(0).padStart(6)} ${unit}  ${name}\n`);
}

function nanosecondsOf(run: () => unknown): number {
  const start = performance.now();
  for (let i = 0; i < CALLS; i++) run();
  return ((performance.now() - start) * 1e6) / CALLS;
}

/** Two thousand records of one byte, and then as much as fits. */
function growthMs(goesOn: boolean): number {
  const padding = { type: 0xabcd, content: new Uint8Array(MAX_CLIENT_HELLO_BYTES - 11_000) };
  const stream = inRecords(helloMessage({ extensions: [padding] }), [...new Array(2000).fill(1), 16_384]);
  const start = performance.now();
  let previous: ClientHelloVerdict | undefined;
  for (let size = 0; ; ) {
    const verdict = inspectClientHello(stream.subarray(0, size), false, previous);
    if (verdict.kind !== 'need-more') return performance.now() - start;
    if (goesOn) previous = verdict;
    size = goesOn ? size + 1 : verdict.atLeastBytes;
  }
}
