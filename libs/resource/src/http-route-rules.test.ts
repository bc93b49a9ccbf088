import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('http-route-rules');

const make = manifestOf('networking.istio.io/v1', 'VirtualService');
const TO = [{ destination: { host: 'b' } }];
const rules = (...http: readonly Spec[]) => make({ hosts: ['a.b'], gateways: ['edge'], http });
const rule = (more: Spec) => rules({ route: TO, ...more });
const match = (more: Spec) => rule({ match: [more] });
const header = (value: string) => rule({ headers: { request: { set: { x: value } } } });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a route', rule({}), []],
  ['nothing', rules({}), ['HTTP route, redirect or direct_response is required']],
  ['a route and a redirect', rule({ redirect: { uri: '/' } }), ['HTTP route cannot contain both route and redirect']],
  [
    'a route and a response',
    rule({ directResponse: { status: 200 }, fault: { abort: { httpStatus: 500 } } }),
    ['both route and direct_response', 'both fault and direct_response'],
  ],
  ['a delegate with a route', rule({ delegate: { name: 'x' } }), ['root HTTP route  must not specify route']],
  ['a delegate', make({ http: [{ route: TO }] }), []],
  [
    'a delegate that delegates',
    make({ http: [{ delegate: { name: 'x' }, route: TO }] }),
    ['delegate HTTP route cannot contain delegate'],
  ],
  [
    'two ways to mirror',
    rule({ mirror: { host: 'b' }, mirrors: TO }),
    ['HTTP route cannot contain both mirror and mirrors'],
  ],
  [
    'a mirror beyond all',
    rule({ mirrors: [{ ...TO[0], percentage: { value: 101 } }] }),
    ['mirror percentage must have a max value of 100'],
  ],
  ['a deprecated mirror', rule({ mirrorPercent: 50 }), ['SLU2044']],
  ['an empty redirect', rules({ redirect: {} }), ['redirect must specify URI, authority, scheme, or port']],
  [
    'redirects',
    rules({ redirect: { uri: '/', redirectCode: 200, scheme: 'ftp' } }),
    ['200 is not a valid redirect code', 'invalid redirect scheme'],
  ],
  [
    'a prefix where none is matched',
    rules({ match: [{ uri: { regex: '/a.*' } }], redirect: { prefixRewrite: '/b' } }),
    ['redirect prefixRewrite cannot be used with a regex uri match'],
  ],
  ['a status', rules({ directResponse: { status: 1000 } }), ['HTTP status 1000 is not in range 200-599']],
  ['a large response', rules({ directResponse: { status: 200, body: { string: 'x'.repeat(200_000) } } }), ['SLU2044']],
  ['retries', rule({ retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx,reset,503' } }), []],
  [
    'retries that are off',
    rule({ retries: { attempts: 0, retryOn: '5xx' } }),
    ['http retry policy configured when attempts are set to 0'],
  ],
  [
    'an unknown reason to retry',
    rule({ retries: { attempts: 1, retryOn: '5xx,boom,600' } }),
    ['"boom" is not a valid', '"600" is not a valid'],
  ],
  ['a rewrite', rule({ rewrite: { uri: '/', authority: 'a' } }), []],
  ['an empty rewrite', rule({ rewrite: {} }), ['rewrite must specify at least one of URI']],
  ['half a rewrite', rule({ rewrite: { uriRegexRewrite: { match: 'a' } } }), ['UriRegexRewrite requires both']],
  ['an empty fault', rule({ fault: {} }), ['HTTP fault injection must have an abort and/or a delay']],
  [
    'faults',
    rule({ fault: { abort: { grpcStatus: 'BROKEN' }, delay: { fixedDelay: '0s', percentage: { value: 0.00001 } } } }),
    ['percentage 0.00001 is neither 0.0', 'gRPC status "BROKEN" is not supported', 'duration must be greater than 1ms'],
  ],
  [
    'a cross origin',
    rule({
      corsPolicy: { allowOrigins: [{ exact: '' }], allowMethods: ['FETCH'], allowHeaders: ['a b'], maxAge: '1.5s' },
    }),
    [
      'is not a valid match type for CORS allow origins',
      '"FETCH" is not a supported HTTP method',
      'header name a b is not a valid header name',
      'max_age duration is accurate only to seconds precision',
    ],
  ],
  [
    'matches',
    match({
      uri: { prefix: '' },
      headers: { ':authority': { exact: 'a' }, '@request.auth.claims.sub': { prefix: 'x' } },
      withoutHeaders: { y: { regex: '*' } },
    }),
    [],
  ],
  ['an empty prefix', match({ method: { prefix: '' } }), ['"method": prefix string match should not be empty']],
  ['a suffix', match({ authority: { suffix: '.a.b' }, queryParams: { q: { suffix: 'x' } } }), []],
  ['an empty suffix', match({ authority: { suffix: '' } }), ['"authority": suffix string match should not be empty']],
  ['a suffix of origins', rule({ corsPolicy: { allowOrigins: [{ suffix: '.a.b' }] } }), []],
  ['two ways to match', match({ uri: { exact: '/', prefix: '/' } }), ['SLU2012']],
  ['a header of all a token may have', match({ headers: { "!#$%&'*+-.^_`|~a9": { exact: 'a' } } }), []],
  ['no name of a header', match({ headers: { '': { exact: 'a' } } }), ['header name cannot be empty']],
  ['a header that is null', match({ headers: { x: null } }), ['SLU1014']],
  ['regular expressions', match({ uri: { regex: '/(?P<a>[[:alpha:]]+)(?i:x)\\d{1,3}' } }), []],
  ...['(', '*', 'a(?=b)', '(a)\\1', 'a{1001}', ''].map(
    (regex) =>
      [
        `the regular expression ${regex}`,
        match({ uri: { regex } }),
        ['SLU2041 spec.http[0].match[0].uri.regex: "uri"'],
      ] as const,
  ),
  [
    'a long regular expression',
    match({ uri: { regex: 'a'.repeat(1025) } }),
    ['regex is too large, max length allowed is 1024'],
  ],
  ...['', 'x', '100%%', '%A%', 'a %A(b)% c', '%A(["b", "c"])%', '%DYNAMIC_METADATA(["a","b"])%'].map(
    (value) => [`the header value ${value}`, header(value), []] as const,
  ),
  ...['%', 'a%b', '%A', '%A(', '%A(b)', '%A(["b"', '%%%', 'a\nb'].map(
    (value) => [`the header value ${JSON.stringify(value)}`, header(value), ['SLU2042']] as const,
  ),
  [
    'the authority twice',
    rule({ rewrite: { authority: 'a' }, headers: { request: { set: { Host: 'b' } } } }),
    ['authority header cannot be set multiple times: have "a", attempting to set "b"'],
  ],
  [
    'the host of a response',
    rule({ headers: { response: { set: { host: 'a' } }, request: { remove: [':path'] } } }),
    ['header cannot have ":" prefix', 'cannot set Host header'],
  ],
  [
    'prefixes that cover each other',
    rules(
      { name: 'all', match: [{ uri: { prefix: '/a' } }], route: TO },
      { match: [{ name: 'm', uri: { prefix: '/a/b' } }], route: TO },
    ),
    [
      'SLU0131 spec.http[1].match[0]: virtualService rule #1 match "m" of prefix /a/b is not used (duplicate/overlapping match in rule #0 of prefix /a on "all")',
    ],
  ],
  [
    'claims in the mesh',
    make({ hosts: ['a.b'], http: [{ match: [{ headers: { '@request.auth.claims.a': { exact: 'b' } } }], route: TO }] }),
    ['JWT claim based routing (key: @request.auth.claims.a) is only supported for gateway'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
