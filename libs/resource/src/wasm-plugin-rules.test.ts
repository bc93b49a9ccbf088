import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('wasm-plugin-rules');

const make = manifestOf('extensions.istio.io/v1alpha1', 'WasmPlugin');
const plugin = (more: Spec) => make({ url: 'oci://a.b/c:d', ...more });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a plugin', plugin({ sha256: 'a'.repeat(64), phase: 'AUTHN', pluginConfig: { any: [1, { thing: null }] } }), []],
  ...['a', 'a:latest', 'a.b:5000/c_d:e', 'file:///a', 'http://a.b'].map((url) => [url, make({ url }), []] as const),
  ['no address', make({}), ['SLU1013 spec.url: spec.url: Required value: url field needs to be set']],
  ['an empty address', make({ url: '' }), ['spec.url in body should be at least 1 chars long']],
  ['another way', make({ url: 'ftp://a.b' }), ['url contains unsupported scheme: ftp: url must have schema one of']],
  ['what is no address', make({ url: '#%x$@' }), ['failed to parse url: url must have schema one of']],
  ['a short digest', plugin({ sha256: 'ab' }), ['sha256 field must be 64 characters long']],
  ['a digest in capitals', plugin({ sha256: 'A'.repeat(64) }), ['sha256 field must match [a-f0-9]{64} pattern']],
  [
    'empty names',
    plugin({ pluginName: '', imagePullSecret: '' }),
    ['spec.imagePullSecret in body should be at least 1', 'spec.pluginName in body should be at least 1 chars long'],
  ],
  [
    'an environment',
    plugin({
      vmConfig: { env: [{ name: 'A', value: 'x' }, { name: '' }, { name: 'A', valueFrom: 'HOST', value: 'y' }] },
    }),
    ['spec.vmConfig.env[1].name', 'duplicate env A', 'value may only be set when valueFrom is INLINE'],
  ],
  [
    'ports',
    plugin({ match: [{ ports: [{ number: 0 }, { number: 80 }] }] }),
    ['SLU2001 spec.match[0].ports[0].number: port number 0 is invalid'],
  ],
  ['no port', plugin({ match: [{ ports: [{}] }] }), ['spec.match[0].ports[0].number: Required value']],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
