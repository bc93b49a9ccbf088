import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('telemetry-rules');

const make = manifestOf('telemetry.istio.io/v1', 'Telemetry');
const traced = (more: Spec) => make({ tracing: [more] });
const tag = (tagOverride: Spec) => make({ metrics: [{ overrides: [{ tagOverrides: { a: tagOverride } }] }] });
const logged = (expression: string) => make({ accessLogging: [{ filter: { expression } }] });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', make({}), []],
  ['a log', make({ accessLogging: [{ providers: [{ name: 'a' }, { name: 'b' }], disabled: true }] }), []],
  ['two traces', make({ tracing: [{}, {}] }), ['SLU2084 spec.tracing: multiple tracing is not currently supported']],
  ['two tracers', traced({ providers: [{ name: 'a' }, { name: 'b' }] }), ['SLU2084 spec.tracing[0].providers']],
  ['too many samples', traced({ randomSamplingPercentage: 101 }), ['SLU2008 spec.tracing[0].randomSamplingPercentage']],
  ['a tag', traced({ customTags: { a: { environment: { name: 'A' } } } }), []],
  [
    'tags of nothing',
    traced({ customTags: { a: { literal: { value: '' } }, b: { header: { name: '' } }, c: null } }),
    ['SLU1014 spec.tracing[0].customTags.c'],
  ],
  [
    'a tag without value',
    traced({ customTags: { a: { literal: { value: '' } } } }),
    ['literal tag value may not be empty'],
  ],
  ['no name of a provider', make({ metrics: [{ providers: [{ name: '' }] }] }), ['providers.name may not be empty']],
  ['a tag to set', tag({ value: 'x' }), []],
  ['a tag to set to nothing', tag({ operation: 'UPSERT' }), ['value must be set when operation is UPSERT']],
  ['a tag to remove with a value', tag({ operation: 'REMOVE', value: 'x' }), ['value must not be set when operation']],
  ['no name of a metric', make({ metrics: [{ overrides: [{ match: { customMetric: '' } }] }] }), ['may not be empty']],
  ['a filter', logged('response.code >= 400 && request.path.contains("(")'), []],
  ...[')', '(', '"', "a['b')"].map((text) => [`the filter ${text}`, logged(text), ['cannot be parsed']] as const),
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
