import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { readGateway } from './istio-gateway.ts';
import { reportNamelessPorts } from './nameless-ports.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('nameless-ports');

const server = (number: number, protocol: string, tls?: string) => ({
  port: { number, name: `p${number}`, protocol },
  hosts: ['*'],
  ...(tls && { tls: { mode: tls } }),
});
const gateway = (name: string, ...servers: readonly object[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name, namespace: 'team' },
  spec: { selector: DEFAULT_LABELS, servers },
});
const TCP = gateway('tcp', server(7000, 'TCP'), server(7001, 'TCP'));
const TLS = gateway('tls', server(7443, 'TLS', 'PASSTHROUGH'));
const MIXED = gateway('mixed', server(7002, 'TCP'), server(7444, 'TLS', 'PASSTHROUGH'));

const NAME = { key: 'connection.sni', values: ['a.example.com'] };
const policy = (rule: object, more: object = {}) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'p', namespace: 'istio-system' },
  spec: { rules: [{}, rule], ...more },
});

/** The gateways that are named. */
function told(...documents: readonly object[]): readonly string[] {
  const text = documents.map((document) => JSON.stringify(document)).join('\n---\n');
  const { complaints } = compile(parseResources([{ path: 'x', text }]).resources, { labels: DEFAULT_LABELS });
  const own = complaints.filter(({ code }) => code === 'SLU3032');
  for (const { path, level } of own) assert.equal([path, level], ['spec.rules[1]', 'warning']);
  return own.map(({ message }) => / on gateway (.*), notValues/.exec(message)![1]!);
}

test('a name on a gateway of plain TCP is told of', () => {
  assert.equal(told(TCP, policy({ when: [NAME] })), ['team/tcp']);
  assert.equal(told(TCP, policy({ when: [{ key: 'connection.sni', notValues: ['a'] }] }, { action: 'DENY' })), [
    'team/tcp',
  ]);
});

test('gateways that look at TLS are left alone, also for their plain ports', () => {
  assert.equal(told(TLS, MIXED, policy({ when: [NAME] })), []);
  assert.equal(told(TLS, TCP, policy({ when: [NAME] })), ['team/tcp']);
});

test('a rule that names its ports is judged by them', () => {
  const to = (more: object) => ({ to: [{ operation: more }], when: [NAME] });
  assert.equal(told(MIXED, TCP, policy(to({ ports: ['7002'] }))), ['team/mixed']);
  assert.equal(told(MIXED, TCP, policy(to({ ports: ['7444', '7002'] }))), []);
  assert.equal(told(TCP, policy(to({ notPorts: ['7000', '7001'] }))), []);
  assert.equal(told(TCP, policy({ when: [NAME, { key: 'destination.port', values: ['7443'] }] })), []);
  assert.equal(told(TCP, policy({ when: [NAME, { key: 'destination.port', values: ['7001'] }] })), ['team/tcp']);
});

test('other conditions, and policies that hold elsewhere, are left alone', () => {
  assert.equal(told(TCP, policy({ when: [{ key: 'source.ip', values: ['10.0.0.1'] }] })), []);
  assert.equal(told(TCP, policy({ when: [NAME] }, { selector: { matchLabels: { app: 'other' } } })), []);
});

test('few of many gateways are named', () => {
  const many = Array.from({ length: 9 }, (_, i) => gateway(`g${i}`, server(7000 + i, 'TCP')));
  assert.equal(told(...many, policy({ when: [NAME] })), ['team/g0, team/g1, team/g2, team/g3, team/g4, ...']);
});

test('only so much is looked at for all policies', () => {
  const [served] = [readGateway({ ...TCP, metadata: { ...TCP.metadata, labels: {}, annotations: {} } } as never)];
  const asking = policy({ when: [NAME] }) as never;
  const look = (namelessPorts: number) => {
    const allowance = { namelessPorts };
    let count = 0;
    reportNamelessPorts(asking, [[served!]], allowance, () => count++);
    return [count, allowance.namelessPorts];
  };
  assert.equal(look(4), [1, 0]);
  assert.equal(look(3), [0, -1]);
});

test.run();
