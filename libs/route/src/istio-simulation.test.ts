// Agreement with Istio's gateway simulation, beside the checkout; skipped by name where it is absent.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { explain } from './explain.ts';

const CASES = fileURLToPath(new URL('../../../../shared/istio-cases/simulation/', import.meta.url));
const test = suite('agreement with Istio: simulation');

interface Call {
  readonly name: string;
  readonly call: {
    readonly port: number;
    readonly protocol: string;
    readonly hostHeader?: string;
    readonly sni?: string;
    readonly alpn?: string;
    readonly tLS?: string;
  };
  readonly result: { readonly error?: string; readonly listenerMatched?: string; readonly clusterMatched?: string };
}

interface Expectation {
  readonly proxyLabels: Readonly<Record<string, string>>;
  readonly proxyNamespace: string;
  readonly calls: readonly Call[];
}

/** HTTP inside TLS that is passed through is a matter of SNI; plain HTTP, and HTTP whose TLS ends at the gateway, is not. */
function isHttp({ call, result }: Call): boolean {
  return (
    call.protocol !== 'TCP' &&
    !(call.tLS !== undefined && (result.clusterMatched ?? '') !== '' && !('virtualHostMatched' in result))
  );
}

function check(
  resources: ReturnType<typeof parseResources>['resources'],
  { proxyLabels, proxyNamespace }: Expectation,
  one: Call,
): void {
  const compiled = compile(resources, { labels: proxyLabels, namespace: proxyNamespace });
  const { port, sni, hostHeader, tLS, alpn } = one.call;
  const found = explain(compiled, {
    port,
    ...(tLS === undefined ? {} : { sni: sni ?? hostHeader ?? '' }),
    ...(alpn === undefined ? {} : { alpn: [alpn] }),
  });
  if (one.result.error === 'ErrNoListener') assert.is(found.outcome, 'no-listener', found.why.join('; '));
  if (one.result.listenerMatched !== undefined)
    assert.is(found.listener, one.result.listenerMatched, found.why.join('; '));
  if (one.result.clusterMatched !== undefined) {
    // Istio's test server has no cluster domain.
    const full = [one.result.clusterMatched, `${one.result.clusterMatched}.svc.cluster.local`];
    assert.ok(full.includes(found.cluster ?? ''), `${found.cluster}: ${found.why.join('; ')}`);
  }
}

if (!existsSync(CASES)) {
  test('SKIPPED: ../shared/istio-cases is absent', () => {});
} else {
  for (const file of readdirSync(CASES).filter((name) => name.endsWith('.expect.json'))) {
    const expectation = JSON.parse(readFileSync(CASES + file, 'utf8')) as Expectation;
    const yaml = file.replace('.expect.json', '.yaml');
    const set = parseResources([{ path: yaml, text: readFileSync(CASES + yaml, 'utf8') }]);
    for (const call of expectation.calls) {
      if (isHttp(call)) test(`NOT COMPARED, HTTP: ${yaml}: ${call.name}`, () => {});
      else test(`${yaml}: ${call.name}`, () => check(set.resources, expectation, call));
    }
  }
}
test.run();
