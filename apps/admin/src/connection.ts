// What `admin explain` and `admin validate` are told of a connection and of the acceptor that takes it, read from options.
import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** `key=value,key=value`, as SLUICE_LABELS has it; empty for none. */
export function parseLabels(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => (pair.trim() === '' ? [] : [pair.split('=')]));
  if (pairs.some((parts) => parts.length !== 2 || parts[0]!.trim() === '')) {
    throw new InvalidArgumentError('must be labels such as istio=ingressgateway,zone=a.');
  }
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key.trim(), value.trim()]));
}

/** 0 to 65535; 0 belongs to a Unix domain socket. */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('must be a port, 0 to 65535.');
  return Number(text);
}

/** An IPv4 or IPv6 address. */
export function parseSource(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('must be an IP address.');
  return text;
}

/** An IPv4 or IPv6 address, or `unix:///path`. */
export function parseDestination(text: string): string {
  if (isIP(text) === 0 && !text.startsWith('unix://')) {
    throw new InvalidArgumentError('must be an IP address or unix:///path.');
  }
  return text;
}

/** Protocols separated by commas. */
export function parseProtocols(text: string): readonly string[] {
  return text.split(',').filter((protocol) => protocol !== '');
}
