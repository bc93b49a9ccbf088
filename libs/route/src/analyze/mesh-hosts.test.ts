import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LABELS } from '../options.ts';
import { analyze } from './analyze.ts';

const test = suite('mesh-hosts');

/** `NAMESPACE/NAME` of those told of a rival. */
function rivals(text: string): readonly string[] {
  const { resources } = parseResources([{ path: 'x', text }]);
  return analyze(resources, { labels: DEFAULT_LABELS })
    .filter(({ code }) => code === 'SLU0109')
    .map(({ resource }) => resource.replace('VirtualService/', ''));
}

const claim = (id: string, hosts: readonly string[], exportTo?: readonly string[], gateways?: readonly string[]) => {
  const [namespace, name] = id.split('/');
  const http = [{ route: [{ destination: { host: 'a.b' } }] }];
  const spec = { hosts, http, ...(exportTo && { exportTo }), ...(gateways && { gateways }) };
  return `${JSON.stringify({ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name, namespace }, spec })}\n---\n`;
};

test('the same host in one scope, by its short name or in full', () => {
  assert.equal(rivals(claim('x/one', ['s']) + claim('y/two', ['s.x.svc.cluster.local'])), ['x/one', 'y/two']);
  assert.equal(rivals(claim('x/one', ['s']) + claim('y/two', ['s'])), []);
});

test('routes of gateways alone have no rivals', () => {
  assert.equal(rivals(claim('x/one', ['a.b']) + claim('y/two', ['a.b'], undefined, ['g'])), []);
  assert.equal(rivals(claim('x/one', ['a.b']) + claim('y/two', ['a.b'], undefined, ['g', 'mesh'])), ['x/one', 'y/two']);
});

test('hosts that overlap in one scope are left to the more exact one', () => {
  assert.equal(rivals(claim('x/one', ['*.b']) + claim('y/two', ['a.b'])), []);
});

test('a host of one namespace meets those of all namespaces that overlap it', () => {
  assert.equal(rivals(claim('x/one', ['*.b'], ['.']) + claim('y/two', ['a.b'], ['*'])), ['x/one', 'y/two']);
  assert.equal(rivals(claim('x/one', ['*.a.b'], ['.']) + claim('y/two', ['*.b'])), ['x/one', 'y/two']);
  assert.equal(rivals(claim('x/one', ['*.b'], ['.']) + claim('y/two', ['b'])), []);
});

test('namespaces do not see into each other', () => {
  assert.equal(rivals(claim('x/one', ['a.b'], ['.']) + claim('y/two', ['a.b'], ['.'])), []);
  assert.equal(rivals(claim('x/one', ['a.b'], ['y']) + claim('y/two', ['a.b'], ['.'])), ['x/one', 'y/two']);
});

test('each is told once, whatever the number of hosts', () => {
  assert.equal(rivals(claim('x/one', ['a.b', 'c.b']) + claim('y/two', ['a.b', 'c.b'])), ['x/one', 'y/two']);
});

test('a partial wildcard meets none but itself', () => {
  assert.equal(rivals(claim('x/one', ['*a.b'], ['.']) + claim('y/two', ['xa.b'])), []);
  assert.equal(rivals(claim('x/one', ['*a.b']) + claim('y/two', ['*a.b'])), ['x/one', 'y/two']);
});

test.run();
