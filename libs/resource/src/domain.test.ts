import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fqdnProblem,
  gatewayDomainProblem,
  isCidr,
  isIp,
  labelEntryProblem,
  partialWildcardProblem,
  portProblem,
  subnetProblem,
  unixAddressProblem,
  wildcardDomainProblem,
} from './domain.ts';

const test = suite('domain');

test('names are DNS labels joined by dots, with an optional final dot', () => {
  for (const name of ['a', 'A.b', 'a-b.c1', '1a.b', 'example.com.', 'a'.repeat(63), `${'a.'.repeat(127)}a`]) {
    assert.is(fqdnProblem(name), undefined, name);
  }
  for (const name of ['a..b', '-a', 'a-', 'a_b', 'a b', '.a', '*.a', 'ä.b', 'a'.repeat(64), 'a/b', 'a\n']) {
    assert.match(fqdnProblem(name) ?? '', /label .* invalid/, name);
  }
  assert.is(fqdnProblem(''), 'empty domain name not allowed');
  assert.match(fqdnProblem('a.'.repeat(128)) ?? '', 'too long (max 255)');
  assert.match(fqdnProblem('a.1') ?? '', 'top level domain "1" cannot be all-numeric');
});

test('a wildcard may begin the first label', () => {
  for (const name of ['*', '*.a.b', '*a.b', '*-a.b', 'a.b']) assert.is(wildcardDomainProblem(name), undefined, name);
  for (const name of ['a.*', 'a*.b', '**.b', '*.*.b', '*-', '*-*.a']) {
    assert.match(wildcardDomainProblem(name) ?? '', 'invalid', name);
  }
});

test('where SNI routes, the names of AUTO_PASSTHROUGH are allowed', () => {
  const name = 'outbound_.80_.v1_.a.default.svc.cluster.local';
  assert.is(gatewayDomainProblem(name, true), undefined);
  assert.match(gatewayDomainProblem(name, false) ?? '', 'label "outbound_" invalid');
});

test('a partial wildcard is one that is more than a label', () => {
  for (const host of ['*', '*.a.b', 'a.b']) assert.is(partialWildcardProblem(host), undefined);
  for (const host of ['*a.b', '*-a.b', 'a.*.b']) assert.match(partialWildcardProblem(host) ?? '', 'partial wildcard');
});

test('addresses are four decimal parts without leading zeros, or IPv6', () => {
  for (const ip of [
    '0.0.0.0',
    '255.255.255.255',
    '1.2.3.4',
    '::',
    '::1',
    'fd00::1',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
  ]) {
    assert.ok(isIp(ip), ip);
  }
  for (const ip of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.-4',
    ':::',
    '1::2::3',
    'a.b.c.d',
    '1.2.3.4/8',
  ]) {
    assert.not.ok(isIp(ip), ip);
  }
});

test('every IPv4 address is one, whatever its parts', () => {
  const part = fc.nat(999);
  fc.assert(
    fc.property(part, part, part, part, (...parts) => {
      assert.is(
        isIp(parts.join('.')),
        parts.every((each) => each <= 255),
      );
    }),
  );
});

test('subnets have as many bits as the address can have', () => {
  for (const block of ['10.0.0.0/8', '0.0.0.0/0', '1.2.3.4/32', '::/0', 'fd00::/128']) assert.ok(isCidr(block), block);
  for (const block of [
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '/8',
    '::/129',
    '10.0.0.0/8/8',
    'fe80::%a/64',
  ]) {
    assert.not.ok(isCidr(block), block);
  }
  assert.is(subnetProblem('1.2.3.4'), undefined);
  assert.is(subnetProblem('1.2.3.4/99'), '1.2.3.4/99 is not a valid CIDR block');
  assert.is(subnetProblem('x'), 'x is not a valid IP');
});

test('ports, sockets and labels have their bounds', () => {
  assert.is(portProblem(1), undefined);
  assert.is(portProblem(65535), undefined);
  assert.is(portProblem(0), 'port number 0 must be in the range 1..65535');
  assert.is(unixAddressProblem('/a/b'), undefined);
  assert.is(unixAddressProblem('@a'), undefined);
  for (const path of ['', 'a', '/a/']) assert.type(unixAddressProblem(path), 'string');
  for (const [key, value] of [
    ['a', ''],
    ['a.b/c', 'x_y.z'],
    ['A1', '1'],
  ] as const) {
    assert.is(labelEntryProblem(key, value), undefined);
  }
  for (const [key, value] of [
    ['', ''],
    ['a/', ''],
    ['/a', ''],
    ['a b', ''],
    ['a', '-'],
    ['a', 'ä'],
    ['a'.repeat(64), ''],
  ] as const) {
    assert.match(labelEntryProblem(key, value) ?? '', 'invalid tag');
  }
});

test.run();
