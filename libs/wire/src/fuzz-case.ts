// What the fuzz runs have in common: changing bytes at random from a seed, and telling whether a parser did wrong.
// Deterministic: a seed and a corpus give the same cases on every machine.
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { inspectClientHello, MAX_CLIENT_HELLO_BYTES } from './client-hello.ts';
import { naiveClientHello } from './client-hello-oracle.ts';
import { hexAddressText } from './ip-address.ts';
import { type ProxyVerdict, readProxyHeader } from './proxy-header.ts';
import { type NaiveProxy, naiveProxyHeader } from './proxy-oracle.ts';
import { MAX_PROXY_V2_BYTES, writeProxyV2 } from './proxy-v2.ts';

/** Numbers 0..below-1. */
export type Random = (below: number) => number;

/** Mulberry32: 32 bits of state, enough to choose what to break. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Values that have broken parsers: ends of ranges, lengths off by one, the bytes both formats are made of. */
const TELLING_BYTES = [0, 1, 2, 3, 4, 5, 0x0a, 0x0d, 0x16, 0x20, 0x21, 0x2e, 0x3a, 0x7f, 0x80, 0xfe, 0xff];

/**
 * Up to six changes: bytes flipped, set, stepped, cut out, doubled, taken from elsewhere, or the end cut off. Half of
 * the time it is a single one, for two at once mostly fail at the first and never show what the second does.
 */
export function mutated(original: Uint8Array, random: Random): Uint8Array {
  let bytes = [...original];
  for (let changes = random(2) === 0 ? 1 : 1 + random(6); changes > 0; changes--) {
    // Most lengths stand in the first bytes, so half of the changes go there.
    const at = random(2) === 0 ? random(Math.min(bytes.length, 64) + 1) : random(bytes.length + 1);
    const size = 1 + random(8);
    const here = bytes[at] ?? 0;
    const changed: readonly (() => number[])[] = [
      () => bytes.with(Math.min(at, bytes.length - 1), here ^ (1 << random(8))),
      () => bytes.with(Math.min(at, bytes.length - 1), TELLING_BYTES[random(TELLING_BYTES.length)]!),
      () => bytes.with(Math.min(at, bytes.length - 1), (here + (random(2) === 0 ? 1 : 255)) & 0xff),
      () => bytes.toSpliced(at, size),
      () => bytes.toSpliced(at, 0, ...bytes.slice(at, at + size)),
      () => bytes.toSpliced(at, 0, TELLING_BYTES[random(TELLING_BYTES.length)]!),
      () => bytes.toSpliced(at, size, ...bytes.slice(random(bytes.length + 1)).slice(0, size)),
      () => bytes.slice(0, at),
    ];
    if (bytes.length > 0) bytes = changed[random(changed.length)]!();
  }
  return Uint8Array.from(bytes);
}

export interface FuzzTarget {
  readonly name: 'client-hello' | 'proxy';
  readonly corpus: URL;
  /** Null where the parser is right about these bytes and some of their beginnings; else what it did. */
  readonly complaint: (bytes: Uint8Array, random: Random) => string | null;
}

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  { name: 'client-hello', corpus: new URL('../corpus/client-hello/', import.meta.url), complaint: helloComplaint },
  { name: 'proxy', corpus: new URL('../corpus/proxy/', import.meta.url), complaint: proxyComplaint },
];

/** The files of a target's corpus in the order of their names. */
export function corpusOf(target: FuzzTarget): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const names = readdirSync(target.corpus).sort();
  return names.map((name) => ({ name, bytes: readFileSync(new URL(name, target.corpus)) }));
}

function helloComplaint(bytes: Uint8Array, random: Random): string | null {
  for (const size of sizesToTry(bytes.length, random)) {
    const seen = bytes.subarray(0, size);
    for (const ended of [false, true]) {
      const verdict = inspectClientHello(seen, ended);
      const expected = naiveClientHello(seen, ended);
      const where = `of the first ${size} bytes${ended ? ', ended' : ''}`;
      if (verdict.kind === 'need-more') {
        const { atLeastBytes } = verdict;
        if (expected.kind !== 'need-more') return `wants more ${where}, not ${JSON.stringify(expected)}`;
        if (atLeastBytes <= size || atLeastBytes > MAX_CLIENT_HELLO_BYTES) return `wants ${atLeastBytes} ${where}`;
      } else if (!isDeepStrictEqual(verdict, expected)) {
        return `says ${JSON.stringify(verdict)} ${where}, not ${JSON.stringify(expected)}`;
      }
    }
  }
  return null;
}

function proxyComplaint(bytes: Uint8Array, random: Random): string | null {
  for (const size of sizesToTry(bytes.length, random)) {
    const seen = bytes.subarray(0, size);
    for (const ended of [false, true]) {
      const before = Buffer.from(seen);
      const verdict = readProxyHeader(seen, ended);
      const where = `of the first ${size} bytes${ended ? ', ended' : ''}`;
      if (!before.equals(seen)) return `changed what it read ${where}`;
      if (verdict.kind === 'need-more' && (verdict.atLeastBytes <= size || verdict.atLeastBytes > MAX_PROXY_V2_BYTES)) {
        return `wants ${verdict.atLeastBytes} ${where}`;
      }
      const [said, expected] = [flattened(verdict), naiveProxyHeader(seen, ended)];
      if (!isDeepStrictEqual(said, expected)) {
        return `says ${JSON.stringify(said)} ${where}, not ${JSON.stringify(expected)}`;
      }
      const broken = rewriteComplaint(verdict);
      if (broken !== null) return `${broken} ${where}`;
    }
  }
  return null;
}

/** Whatever was read can be written, and reads the same again. */
function rewriteComplaint(verdict: ProxyVerdict): string | null {
  if (verdict.kind !== 'done') return null;
  const { header } = verdict;
  const tlvs = header.family === 'unknown' ? [] : header.tlvs.all;
  const again = readProxyHeader(writeProxyV2(header, { tlvs, checksum: header.family !== 'unknown' }), true);
  if (again.kind !== 'done') return `cannot read again (${JSON.stringify(again)})`;
  return isDeepStrictEqual({ ...again.header, version: header.version }, header) ? null : 'reads differently again';
}

/** A verdict in the oracle's form. */
export function flattened(verdict: ProxyVerdict): NaiveProxy {
  if (verdict.kind === 'need-more') return { kind: 'need-more' };
  if (verdict.kind !== 'done') return verdict;
  const { header, consumedBytes } = verdict;
  const { command, family } = header;
  if (family === 'unknown') return { kind: 'done', consumedBytes, command, family };
  const tlvs = header.tlvs.all.map(({ type, value }) => `${type}=${Buffer.from(value).toString('hex')}`);
  const [source, destination] = [header.source, header.destination].map((end) => {
    if ('path' in end) return Buffer.from(end.path).toString('latin1');
    const { address, port } = end;
    return `${address.length === 4 ? address.join('.') : `[${hexAddressText(address)}]`}:${port}`;
  });
  return { kind: 'done', consumedBytes, command, family, source: source!, destination: destination!, tlvs };
}

/** The whole, and a few beginnings of it. */
function sizesToTry(length: number, random: Random): readonly number[] {
  return [length, random(length + 1), random(length + 1), random(Math.min(length, 16) + 1)];
}
