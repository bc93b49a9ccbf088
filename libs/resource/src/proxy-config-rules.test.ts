import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('proxy-config-rules');

const make = manifestOf('networking.istio.io/v1beta1', 'ProxyConfig');

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', make({}), []],
  ['a proxy', make({ concurrency: 0, environmentVariables: { A: 'b' }, image: { imageType: 'distroless' } }), []],
  ['less than no threads', make({ concurrency: -1 }), ['SLU2083 spec.concurrency: spec.concurrency in body should be']],
  [
    'no labels',
    make({ selector: { matchLabels: {} } }),
    ['SLU2011 spec.selector', 'SLU2010 spec.selector.matchLabels: spec.selector.matchLabels in body should have'],
  ],
  ['an empty label', make({ selector: { matchLabels: { '': 'a' } } }), ['key must not be empty']],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
