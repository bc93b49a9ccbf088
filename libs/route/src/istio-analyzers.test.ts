// Agreement with Istio's own analyzer cases, beside the checkout; skipped by name where they are absent.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analyze } from './analyze/analyze.ts';
import { DEFAULT_LABELS } from './options.ts';

const CASES = fileURLToPath(new URL('../../../../shared/istio-cases/', import.meta.url));
const test = suite('agreement with Istio: analyzers');

/** Cases about HTTP or sidecars, which Sluice does not serve, and those decided otherwise; docs/differences-from-istio.md. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'virtualservicejwtclaimroute.yaml': 'routing by JWT claims is HTTP',
  'sidecardefaultselector.yaml': 'Sidecars are not applied',
  'serviceentry-addresses-allocated.yaml': 'addresses in status are not read',
};

interface Case {
  readonly file: string;
  /** `CODE KIND namespace/name`, one for each finding. */
  readonly expected: readonly string[];
  readonly analyzer: string;
}

function readCases(): readonly Case[] {
  const cases: Case[] = [];
  for (const line of readFileSync(`${CASES}INDEX.tsv`, 'utf8').split('\n')) {
    const [file = '', , , source = '', , layer, messages = ''] = line.split('\t');
    if (layer !== 'analyzer') continue;
    const expected = [...messages.matchAll(/IST(\d+) \w+ \w+ @ (\w+) (\S+?)(?:;|$)/g)].map(
      ([, code, kind, name]) => `SLU${code} ${kind}/${name!.includes('/') ? name : `default/${name}`}`,
    );
    cases.push({ file: file.replace('analyzers/', ''), expected, analyzer: /\(([^)]*)\)/.exec(source)?.[1] ?? '' });
  }
  return cases;
}

/** The codes an analyzer may report: a whole analysis also says what the analyzer under test would not. */
const CODES_OF: Readonly<Record<string, readonly string[]>> = {
  'gateway.IngressGatewayPortAnalyzer': ['SLU0101', 'SLU0162'],
  'gateway.SecretAnalyzer': ['SLU0101', 'SLU0161'],
  'gateway.ConflictingGatewayAnalyzer': ['SLU0145', 'SLU0101'],
  'service.PortNameAnalyzer': ['SLU0118', 'SLU0150'],
  'virtualservice.DestinationHostAnalyzer': ['SLU0101', 'SLU0112', 'SLU0140'],
  'virtualservice.DestinationRuleAnalyzer': ['SLU0101'],
  'virtualservice.GatewayAnalyzer': ['SLU0101', 'SLU0132'],
  'authz.AuthorizationPoliciesAnalyzer': ['SLU0101', 'SLU0127'],
  'destinationrule.CaCertificateAnalyzer': ['SLU0128', 'SLU0129'],
  'gateway.CertificateAnalyzer': ['SLU0138'],
  'serviceentry.ProtocolAddressesAnalyzer': ['SLU0134'],
  'destinationrule.PodNotSelectedAnalyzer': ['SLU0173', 'SLU0174'],
};

/** Which references an analyzer checks, where several report SLU0101. */
const REFERENCES_OF: Readonly<Record<string, RegExp>> = {
  'virtualservice.DestinationHostAnalyzer': /Referenced (?:mirror )?host(?::port)? /,
  'virtualservice.DestinationRuleAnalyzer': /Referenced (?:host|mirror)\+subset /,
  'virtualservice.GatewayAnalyzer': /Referenced gateway /,
  'gateway.ConflictingGatewayAnalyzer': /Referenced selector /,
  'gateway.IngressGatewayPortAnalyzer': /Referenced selector /,
  'gateway.SecretAnalyzer': /Referenced (?:selector|credentialName) /,
  'authz.AuthorizationPoliciesAnalyzer': /Referenced namespace /,
};

function findings({ file, analyzer }: Case): readonly string[] {
  const set = parseResources([{ path: file, text: readFileSync(`${CASES}analyzers/${file}`, 'utf8') }]);
  const complaints = analyze(set.resources, { labels: DEFAULT_LABELS, ignored: set.ignored, refused: set.refused });
  const codes = CODES_OF[analyzer] ?? [];
  return complaints
    .filter(
      ({ code, message }) => codes.includes(code) && (code !== 'SLU0101' || REFERENCES_OF[analyzer]!.test(message)),
    )
    .map(({ code, resource }) => `${code} ${resource}`)
    .sort();
}

if (!existsSync(CASES)) {
  test('SKIPPED: ../shared/istio-cases is absent', () => {});
} else {
  for (const one of readCases()) {
    if (Object.hasOwn(DIFFERENT, one.file)) continue;
    test(one.file, () => {
      assert.equal(findings(one), [...one.expected].sort());
    });
  }
}
test.run();
