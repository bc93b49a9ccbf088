// URLs of a store in Redis: what they mean, and that nothing said about a wrong one holds a password.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../open.ts';
import { isStoreFault } from '../store-fault.ts';
import { parseRedisUrl, type RedisAddress } from './address.ts';
import { readLayout, SLOT } from './cluster-layout.ts';
import { PREFIX } from './keys.ts';

const test = suite('redis: address');

function parse(url: string, environment = {}): RedisAddress {
  const address = parseRedisUrl(url, environment);
  if ('code' in address) throw address;
  return address;
}

test('one server: host, port, database, user and password', () => {
  const { name, user, kind, options } = parse('redis://ann:p%40ss%2F@redis.test:6380/3');
  assert.equal([name, user, kind], ['redis://redis.test:6380/3', 'ann', 'single']);
  const { host, port, db, username, password } = options;
  assert.equal([host, port, db, username, password], ['redis.test', 6380, 3, 'ann', 'p@ss/']);
  assert.is(parse('redis://h').name, 'redis://h:6379');
  assert.is(parse('redis://[::1]:7/').name, 'redis://[::1]:7');
  assert.is(parse('redis://[::1]').options.host, '::1');
  assert.is(parse('redis://:100%sure@h').options.password, '100%sure');
  assert.is(parse('redis://:a@b@h').options.password, 'a@b');
  assert.is(parse('redis://:a@b@h').user, 'default');
});

test('Sentinels: their hosts, the name of the master, and their own password', () => {
  const environment = { SLUICE_STORE_SENTINEL_USER: 'su', SLUICE_STORE_SENTINEL_PASSWORD: 'sp' };
  const { name, options } = parse('redis+sentinel://u:p@a,b:7,[::2]:8/main/2', environment);
  assert.is(name, 'redis+sentinel://a:26379,b:7,[::2]:8/main/2');
  assert.equal(options.sentinels, [
    { host: 'a', port: 26379 },
    { host: 'b', port: 7 },
    { host: '::2', port: 8 },
  ]);
  const { sentinelUsername, sentinelPassword } = options;
  assert.equal([options.name, options.db, sentinelUsername, sentinelPassword], ['main', 2, 'su', 'sp']);
  const secure = parse('rediss+sentinel://a/main').options;
  assert.ok(secure.enableTLSForSentinelMode && secure.sentinelTLS === secure.tls && secure.tls !== undefined);
});

test('a cluster: any of its nodes, and the slot of all keys', () => {
  const { name, kind, options } = parse('rediss+cluster://a:1,b');
  assert.equal([name, kind, typeof options.Connector], ['rediss+cluster://a:1,b:6379', 'cluster', 'function']);
  assert.is(slotOf(PREFIX.slice(1, -1)), SLOT);
  const rows = [
    [0, SLOT - 1, ['10.0.0.1', 1, 'id', []], ['10.0.0.2', 2, 'id', []]],
    [SLOT, SLOT, [null, 3, 'id', []]],
  ];
  const { owner, nodes } = readLayout(rows, 'asked');
  assert.equal(owner, { host: 'asked', port: 3 });
  assert.is(nodes.length, 3);
  for (const odd of [null, 'x', [], [[SLOT + 1, 16383, ['a', 1]]]]) assert.is(readLayout(odd, 'asked').owner, null);
});

/** https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#appendix-a-crc16-reference-implementation-in-ansi-c */
function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % 16384;
}

const WRONG = [
  'redis://',
  'redis:///0',
  'redis://s3cret@h',
  'redis://u:s3cret',
  'redis+cluster://u:s3cret,h',
  'redis://u:s3cret@h:0',
  'redis://u:s3cret@h:99999',
  'redis://u:s3cret@h:port',
  'redis://u:s3cret@a,b',
  'redis://u:s3cret@h/x',
  'redis://u:s3cret@h/-1',
  'redis://u:s3cret@h?ca=x',
  'rediss://u:s3cret@h?password=s3cret',
  'redis://u:s3/cret@h',
  'redis://u:1/s3cret@h',
  'redis://u:1?s3cret@h',
  'redis://u:1#s3cret@h',
  'redis+sentinel://u:1/s3cret@h',
  'redis+sentinel://u:s3cret@h',
  'redis+sentinel://u:s3cret@h/',
  'redis+cluster://u:s3cret@h/1',
  'redis+other://u:s3cret@h',
  'redis//u:s3cret@h',
  ':s3cret@h',
  's3cret',
  'http://u:s3cret@h',
];

test('a wrong URL is refused, and what is said holds nothing of a password', async () => {
  for (const url of WRONG) {
    const opened = await openStore(url, { role: 'publisher' });
    assert.ok(!opened.ok && opened.fault.code === 'bad-url', url);
    if (!opened.ok) assert.not.match(`${opened.fault.stack} ${JSON.stringify(opened.fault)}`, /s3|cret/, url);
  }
});

test('a file of TLS that is not there is told', () => {
  const fault = parseRedisUrl('rediss://h?ca=/nowhere/ca.crt', {});
  assert.ok(isStoreFault(fault) && fault.code === 'certificate' && /nowhere\/ca\.crt/.test(fault.message));
});

test.run();
