// Rules of WasmPlugin (istio/istio pkg/config/validation: ValidateWasmPlugin and below, and the CRD's rules).
import type { Report } from './issue.ts';
import { checkPolicyTargets } from './policy-target-rules.ts';
import type { WasmPluginSpec } from './wasm-plugin.ts';
import { checkEntryPort } from './workload-entry-rules.ts';

const SCHEMES = ['http', 'https', 'file', 'oci'];
/** Without a scheme it is the name of an image: `registry:5000/path:tag`. */
const IMAGE = /^[A-Za-z0-9][\w./:@-]*$/;
const DIGEST_LENGTH = 64;
const MAX_ENV = 256;

export function checkWasmPlugin(spec: WasmPluginSpec, report: Report): void {
  checkPolicyTargets(spec, report, report);
  checkUrl(spec.url, report);
  checkDigest(spec.sha256, report);
  for (const field of ['imagePullSecret', 'pluginName'] as const) {
    const { [field]: text } = spec;
    if (text === undefined) continue;
    const [at, max] = [`spec.${field}`, field === 'pluginName' ? 256 : 253];
    if (text === '') report('SLU2083', at, `${at} in body should be at least 1 chars long`);
    if (text.length > max) report('SLU2083', at, `${at} in body should be at most ${max} chars long`);
  }
  checkEnv(spec.vmConfig?.env ?? [], report);
  for (const [i, { ports = [] }] of (spec.match ?? []).entries()) {
    for (const [j, { number }] of ports.entries()) {
      checkEntryPort(report, `spec.match[${i}].ports[${j}].number`, number);
    }
  }
}

function checkUrl(url: string, report: Report): void {
  const refuse = (message: string) => report('SLU2083', 'spec.url', message);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1];
  const wanted = `url must have schema one of [${SCHEMES.join(', ')}]`;
  if (url === '') refuse('spec.url in body should be at least 1 chars long: url field needs to be set');
  else if (scheme === undefined ? !IMAGE.test(url) : !URL.canParse(url)) refuse(`failed to parse url: ${wanted}`);
  else if (scheme !== undefined && !SCHEMES.includes(scheme)) {
    refuse(`url contains unsupported scheme: ${scheme}: ${wanted}`);
  }
}

function checkDigest(digest: string | undefined, report: Report): void {
  if (digest === undefined || digest === '' || /^[a-f0-9]{64}$/.test(digest)) return;
  const why =
    digest.length === DIGEST_LENGTH
      ? 'sha256 field must match [a-f0-9]{64} pattern'
      : `sha256 field must be ${DIGEST_LENGTH} characters long`;
  report('SLU2083', 'spec.sha256', `spec.sha256 in body should match '(^$|^[a-f0-9]{64}$)': ${why}`);
}

type Env = NonNullable<NonNullable<WasmPluginSpec['vmConfig']>['env']>;

function checkEnv(env: Env, report: Report): void {
  const names = new Set<string>();
  if (env.length > MAX_ENV) report('SLU2083', 'spec.vmConfig.env', `must have at most ${MAX_ENV} items`);
  for (const [i, { name, valueFrom, value }] of env.entries()) {
    const at = `spec.vmConfig.env[${i}]`;
    if (name === '') {
      report('SLU2083', `${at}.name`, `${at}.name in body should be at least 1 chars long: spec.vmConfig.env invalid`);
    } else if (names.has(name)) report('SLU2014', `${at}.name`, `duplicate env ${name}`);
    names.add(name);
    if (valueFrom === 'HOST' && value) {
      report('SLU2083', `${at}.value`, 'value may only be set when valueFrom is INLINE');
    }
  }
}
