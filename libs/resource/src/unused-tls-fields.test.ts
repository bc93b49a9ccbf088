import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources } from './parse.ts';

const test = suite('unused TLS fields');

function notices(tls: string): readonly string[] {
  const server = `{ port: { number: 443, name: a, protocol: TLS }, hosts: [a.com], tls: { ${tls} } }`;
  const text = `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: g }\nspec: { servers: [${server}] }\n`;
  return parseResources([{ path: 'a.yaml', text }])
    .issues.filter(({ code }) => code === 'SLU1021')
    .map(({ path }) => path.split('.').at(-1)!);
}

test('what the mode or the place of certificates leaves without effect gets a notice', () => {
  assert.equal(notices('mode: PASSTHROUGH, minProtocolVersion: TLSV1_3, subjectAltNames: [x]'), [
    'subjectAltNames',
    'minProtocolVersion',
  ]);
  assert.equal(notices('mode: SIMPLE, credentialName: a, subjectAltNames: [x], insecureSkipVerify: true'), [
    'subjectAltNames',
    'insecureSkipVerify',
  ]);
  assert.equal(notices('mode: MUTUAL, credentialName: a, caCrl: /crl, caCertificates: /ca'), [
    'caCertificates',
    'caCrl',
  ]);
  assert.equal(notices('mode: MUTUAL, credentialName: a, subjectAltNames: [x], minProtocolVersion: TLSV1_3'), []);
});

test.run();
