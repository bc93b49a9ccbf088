import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { skip } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeResource, digestOf, keyOf, parseResources, resolveGateway, resolveHost } from './index.ts';

const test = suite('parse');
const SAMPLES = new URL('../../../../shared/samples/tcp-echo/', import.meta.url);

const GATEWAY = `apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: edge
spec:
  servers:
  - port:
      number: 31400
      name: tcp
      protocol: TCP
    hosts: ["*"]
`;

const one = (text: string) => parseResources([{ path: 'a.yaml', text }]);

if (existsSync(SAMPLES)) {
  test('the walk-through is read whole, with a notice for each Deployment', () => {
    const files = readdirSync(SAMPLES).map((path) => ({ path, text: readFileSync(new URL(path, SAMPLES), 'utf8') }));
    const set = parseResources(files);
    assert.ok(set.ok);
    assert.equal(set.resources.map(keyOf).sort(), [
      'DestinationRule/default/tcp-echo',
      'Gateway/default/tcp-echo-gateway',
      'Gateway/default/tcp-echo-gateway-v2',
      'Service/default/tcp-echo',
      'VirtualService/default/tcp-echo',
    ]);
    assert.equal(set.ignored.map(keyOf), ['Deployment/default/tcp-echo-v1', 'Deployment/default/tcp-echo-v2']);
    assert.equal(
      set.issues.map(({ code, level }) => [code, level]),
      [
        ['SLU1020', 'notice'],
        ['SLU1020', 'notice'],
      ],
    );
  });
} else skip(test, 'the walk-through is read whole', '../shared/samples is not here');

test('a resource is in its normal form: namespace filled in, apiVersion canonical', () => {
  const [gateway] = one(GATEWAY).resources;
  assert.equal(gateway?.apiVersion, 'networking.istio.io/v1');
  assert.equal(gateway?.metadata, { name: 'edge', namespace: 'default', labels: {}, annotations: {} });
});

test('the digest does not depend on the order of fields, on the version or on the written default namespace', () => {
  const other = one(`kind: Gateway
apiVersion: networking.istio.io/v1beta1
spec:
  servers:
  - hosts: ["*"]
    port: { protocol: TCP, name: tcp, number: 31400 }
metadata: { namespace: default, name: edge }
`);
  assert.is(digestOf(one(GATEWAY).resources[0]), digestOf(other.resources[0]));
});

test('what is stored as JSON is read back the same', () => {
  const [gateway] = one(GATEWAY).resources;
  const decoded = decodeResource(JSON.parse(JSON.stringify(gateway)));
  assert.ok(decoded.ok);
  assert.equal(decoded.ok && decoded.value, gateway);
});

test('every field has a place', () => {
  const set = one(`# a comment\n---\n${GATEWAY}`);
  assert.equal(set.locate('Gateway/default/edge', 'spec.servers[0].port.number'), {
    file: 'a.yaml',
    line: 10,
    column: 7,
  });
  assert.equal(set.locate('Gateway/default/edge', 'spec.servers[0].tls.mode'), { file: 'a.yaml', line: 9, column: 5 });
  assert.is(set.locate('Gateway/default/none', 'spec'), undefined);
});

test('an unknown field, an unknown kind and a duplicate are errors that name them', () => {
  const set = one(`${GATEWAY.replace('hosts:', 'host:')}---\n${GATEWAY.replace('kind: Gateway', 'kind: Gatway')}`);
  assert.not.ok(set.ok);
  const messages = set.issues.map(({ message, line }) => `${line}: ${message}`).join('\n');
  assert.match(messages, '11: unknown field "spec.servers[0].host", did you mean "hosts"?');
  assert.match(messages, '14: unknown kind "Gatway", did you mean "Gateway"?');
  const twice = one(`${GATEWAY}---\n${GATEWAY}`);
  assert.is(twice.issues[0]?.code, 'SLU1018');
  assert.match(twice.issues[0]?.message ?? '', 'first at a.yaml:1');
});

test('names resolve as in Istio', () => {
  assert.is(resolveHost('tcp-echo', 'default'), 'tcp-echo.default.svc.cluster.local');
  assert.is(resolveHost('Example.com', 'default'), 'example.com');
  assert.is(resolveHost('*', 'default'), '*');
  assert.is(resolveGateway('gw', 'a'), 'a/gw');
  assert.is(resolveGateway('./gw', 'a'), 'a/gw');
  assert.is(resolveGateway('b/gw', 'a'), 'b/gw');
  assert.is(resolveGateway('gw.b.svc.cluster.local', 'a'), 'b/gw');
  assert.is(resolveGateway('mesh', 'a'), 'mesh');
});

test.run();
