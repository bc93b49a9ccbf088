import { parseResources, type Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compiled, compile } from './compile.ts';
import { explain } from './explain.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('servers that end TLS');

function resources(text: string): readonly Resource[] {
  const set = parseResources([{ path: 'a.yaml', text }]);
  if (!set.ok) throw new Error(JSON.stringify(set.issues));
  return set.resources;
}

const compiled = (text: string): Compiled => compile(resources(text), { labels: DEFAULT_LABELS });

const server = (name: string, hosts: string, tls: string) =>
  `  - { port: { number: 443, name: ${name}, protocol: TLS }, hosts: [${hosts}], tls: { ${tls} } }\n`;
const gateway = (...servers: string[]) =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: g }\nspec:\n  selector: { istio: ingressgateway }\n  servers:\n${servers.join('')}---\n`;
const route = (rules: string, hosts = '"*"') =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: r }\nspec:\n  hosts: [${hosts}]\n  gateways: [g]\n${rules}---\n`;
const secret = (name: string, data: string, namespace = 'istio-system') =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, namespace: ${namespace} }\nstringData: { ${data} }\n---\n`;
const tcp = '  tcp: [{ route: [{ destination: { host: x } }] }]\n';
const codes = (result: Compiled) => result.complaints.map(({ code, resource }) => `${code} ${resource}`);
const pair = 'tls.crt: certificate, tls.key: private';

test('their names lead to tcp rules, beside names that pass through', () => {
  const result = compiled(
    gateway(server('a', 'a.com', 'mode: SIMPLE, credentialName: a'), server('b', '"*.com"', 'mode: PASSTHROUGH')) +
      route(`${tcp}  tls: [{ match: [{ sniHosts: ["*.com"] }], route: [{ destination: { host: y } }] }]\n`) +
      secret('a', pair),
  );
  const routes = (sni: string) => {
    const { route, why } = explain(result, { port: 443, sni });
    return [route, why.some((step) => step.includes('TLS is ended'))];
  };
  assert.equal(routes('a.com'), ['default/r/tcp[0]', true]);
  assert.equal(routes('b.com'), ['default/r/tls[0]', false]);
  assert.is(result.plan.listeners[0]!.inspectsTls, true);
  assert.equal(result.idle, []);
  assert.equal(
    codes(result).filter((code) => !code.startsWith('SLU0')),
    [],
  );
  const [ended] = result.tls;
  const name = 'Gateway/default/g spec.servers[0]';
  assert.equal(
    [ended?.name, result.plan.listeners[0]!.chains.map(({ rules }) => rules[0]?.route.tls)],
    [name, [undefined, name]],
  );
  assert.equal(ended?.certificates, [{ certificate: { text: 'certificate' }, privateKey: { text: 'private' } }]);
  assert.not(JSON.stringify(result.plan).includes('private'), 'the plan holds a key');
});

test('their names stay theirs without a route, and a match of passthrough does not get them', () => {
  const tls =
    '  tls: [{ match: [{ sniHosts: [a.com] }, { sniHosts: ["*.com"] }], route: [{ destination: { host: y } }] }]\n';
  const result = compiled(
    gateway(server('b', '"*.com"', 'mode: PASSTHROUGH'), server('a', 'a.com', 'mode: SIMPLE, credentialName: a')) +
      route(tls) +
      secret('a', pair),
  );
  assert.is(explain(result, { port: 443, sni: 'a.com' }).outcome, 'no-route');
  assert.is(explain(result, { port: 443, sni: 'b.com' }).route, 'default/r/tls[0]');
  assert.ok(codes(result).includes('SLU3003 VirtualService/default/r'));
  assert.equal(
    result.idle.map(({ code, path }) => `${code} ${path}`),
    ['SLU3006 spec.servers[1]'],
  );
  assert.equal(result.tls, []);
});

test("a name of two servers is the first one's", () => {
  const result = compiled(
    gateway(
      server('a', 'a/x.com', 'mode: SIMPLE, credentialName: a'),
      server('b', 'default/x.com', 'mode: SIMPLE, credentialName: b'),
    ) +
      route(tcp) +
      secret('a', pair) +
      secret('b', pair),
  );
  assert.ok(codes(result).includes('SLU3002 Gateway/default/g'));
  assert.is(explain(result, { port: 443, sni: 'x.com' }).outcome, 'no-listener');
});

test("a Secret of the acceptor's namespace has certificate, key and client CA, by either naming", () => {
  const mutual = (more: string) =>
    compiled(gateway(server('a', 'a.com', 'mode: MUTUAL, credentialName: a')) + route(tcp) + more).tls[0]!;
  const text = (one: unknown) => (one as { text: string } | null)?.text;
  const own = mutual(secret('a', `cert: c, key: k, cacert: ca, crl: list`));
  assert.equal(
    [text(own.certificates[0]?.certificate), text(own.clientAuthorities), text(own.revocations)],
    ['c', 'ca', 'list'],
  );
  assert.is(own.clients, 'required');
  const beside = mutual(secret('a', `${pair}, ca.crt: own`) + secret('a-cacert', 'ca.crt: beside'));
  assert.is(text(beside.clientAuthorities), 'beside');
  for (const [more, refusal] of [
    ['', 'no Secret a, no Secret a'],
    [secret('a', pair, 'default'), 'no Secret a, no Secret a'],
    [secret('a', 'tls.crt: c, ca.crt: ca'), 'no certificate and key in Secret a'],
    [secret('a', pair), 'no client CA in Secret a'],
  ] as const)
    assert.is(mutual(more).refusal, refusal);
});

test('a server that has nothing to end TLS with is complained of', () => {
  const result = compiled(gateway(server('a', 'a.com', 'mode: SIMPLE, credentialName: a')) + route(tcp));
  assert.ok(codes(result).includes('SLU3034 Gateway/default/g'));
  assert.match(explain(result, { port: 443, sni: 'a.com' }).why.join('\n'), 'refuses every handshake: no Secret a');
});

test('files, versions, ciphers and names of clients are taken over', () => {
  const files = 'serverCertificate: /c, privateKey: /k, caCertificates: /ca, caCrl: /crl';
  const more =
    'minProtocolVersion: TLSV1_3, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256, NONE], subjectAltNames: [c.com], verifyCertificateHash: [ab]';
  const [plan] = compiled(gateway(server('a', 'a.com', `mode: OPTIONAL_MUTUAL, ${files}, ${more}`)) + route(tcp)).tls;
  assert.equal(plan, {
    name: 'Gateway/default/g spec.servers[0]',
    refusal: '',
    certificates: [{ certificate: { file: '/c' }, privateKey: { file: '/k' } }],
    clients: 'optional',
    verifiesClients: true,
    clientAuthorities: { file: '/ca' },
    revocations: { file: '/crl' },
    clientNames: ['c.com'],
    clientKeys: [],
    clientCertificates: ['ab'],
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    cipherSuites: ['ECDHE-RSA-AES128-GCM-SHA256'],
  });
});

test('servers with one Secret share its texts', () => {
  const one = 'mode: SIMPLE, credentialName: a';
  const { tls } = compiled(
    gateway(server('a', 'a.com', one), server('b', 'b.com', one)) + route(tcp) + secret('a', pair),
  );
  const [a, b] = tls.map(({ certificates }) => certificates[0]!);
  assert.is(a!.certificate, b!.certificate);
  assert.is(a!.privateKey, b!.privateKey);
});

test.run();
