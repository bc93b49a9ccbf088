import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EdgeGateway, RouteSource, Server } from '../model.ts';
import { RouteFinder } from './route-finder.ts';

const test = suite('route finder');

const GATEWAY: EdgeGateway = { key: 'g', id: 'default/g', reference: 'default/g', namespace: 'default', servers: [] };
const server = (host: string, namespace = '*', port = 443): Server => ({
  gateway: GATEWAY,
  path: '',
  port,
  bind: '',
  protocol: 'TLS',
  kind: 'passthrough',
  hosts: [{ namespace, host }],
});
const source = (key: string, host: string, match: object = {}, gateways = ['default/g']): RouteSource => ({
  key,
  id: key,
  namespace: 'default',
  hosts: [host],
  gateways,
  tcp: [],
  tls: [{ name: key, path: '', matches: [{ path: '', names: [host], ...match }], destinations: [] }],
  http: false,
});

function finderOf(sources: readonly RouteSource[]) {
  const byKey = new Map(sources.map((one) => [one.key, one]));
  const reads: string[] = [];
  const finder = new RouteFinder('default/g', byKey.keys(), (keys) =>
    [...keys].map((key) => {
      reads.push(key);
      return byKey.get(key)!;
    }),
  );
  return { finder, reads };
}

test('each route is read once at most for thousands of servers, and no more of them than it takes', () => {
  const { finder, reads } = finderOf(Array.from({ length: 2_000 }, (_, i) => source(`r${i}`, `h${i}.com`)));
  assert.is(finder.find(server('h3.com')), 'r3');
  assert.ok(reads.length < 50);
  for (let i = 0; i < 2_000; i++) assert.is(finder.find(server(`h${i}.com`)), `r${i}`);
  assert.is(finder.find(server('none.com')), undefined);
  assert.is(reads.length, 2_000);
});

test('a route is one for the server only with its host, its port, its gateway and its namespace', () => {
  const found = (one: Server, ...sources: RouteSource[]) => finderOf(sources).finder.find(one);
  assert.is(found(server('*.com'), source('r', 'a.com')), 'r');
  assert.is(found(server('*.com', 'default'), source('r', 'a.com')), 'r');
  assert.is(found(server('*.com', 'other'), source('r', 'a.com')), undefined);
  assert.is(found(server('a.org'), source('r', 'a.com')), undefined);
  assert.is(found(server('a.com'), source('r', 'a.com', { port: 443 })), 'r');
  assert.is(found(server('a.com'), source('r', 'a.com', { port: 444 })), undefined);
  assert.is(found(server('a.com'), source('r', 'a.com', { gateways: ['default/other'] })), undefined);
  assert.is(found(server('a.com'), source('r', 'a.com', {}, ['default/other'])), undefined);
});

test.run();
