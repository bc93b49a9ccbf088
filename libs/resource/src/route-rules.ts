// Rules that the routes of a VirtualService share: destinations, weights, gateway references.
import type { Destination } from './destination.ts';
import { fqdnProblem, isDnsLabel, wildcardDomainProblem } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import { check, checkPort } from './shared-rules.ts';

export function checkDestination(report: Report, at: FieldPath, destination: Destination | undefined): void {
  if (destination === undefined) return;
  const { host, subset, port } = destination;
  if (host === '*') report('SLU2002', `${at}.host`, 'invalid destination host *');
  else check(report, 'SLU2002', `${at}.host`, wildcardDomainProblem(host));
  if (subset !== undefined && subset !== '') checkSubsetName(report, `${at}.subset`, subset);
  if (port !== undefined) checkPort(report, `${at}.port.number`, port.number ?? 0);
}

export function checkSubsetName(report: Report, at: FieldPath, name: string): void {
  if (name === '') report('SLU2007', at, 'subset name cannot be empty');
  else if (!isDnsLabel(name)) report('SLU2007', at, `subset name is invalid: ${name}`);
}

/** Weights are not negative and, among several destinations, not all zero. */
export function checkWeights(
  report: Report,
  at: FieldPath,
  routes: readonly { readonly weight?: number | undefined }[],
): void {
  let total = 0;
  for (const [i, { weight = 0 }] of routes.entries()) {
    if (weight < 0) report('SLU2019', `${at}[${i}].weight`, `weight ${weight} < 0`);
    total += weight;
  }
  if (routes.length > 1 && total === 0) report('SLU2019', at, 'total destination weight = 0');
}

/** `name`, `namespace/name`, or the legacy `name.namespace`, with a warning. */
export function checkGatewayNames(report: Report, at: FieldPath, names: readonly string[] | undefined): void {
  for (const [i, name] of (names ?? []).entries()) {
    const path = `${at}[${i}]`;
    const slash = name.indexOf('/');
    if (slash < 0) {
      if (name.includes('.')) {
        const [gateway, namespace] = name.split('.');
        const better = JSON.stringify(`${namespace}/${gateway}`);
        const message = `using legacy gatewayName format ${JSON.stringify(name)}; prefer the <namespace>/<name> format: ${better}`;
        report('SLU2035', path, message);
      }
      check(report, 'SLU2018', path, fqdnProblem(name));
      continue;
    }
    const [namespace, gateway] = [name.slice(0, slash), name.slice(slash + 1)];
    if (namespace === '' || gateway === '') {
      report('SLU2018', path, 'config namespace and gateway name cannot be empty');
    }
    if (!isDnsLabel(namespace) && namespace !== '.') {
      report('SLU2018', path, `invalid value for namespace: ${JSON.stringify(namespace)}`);
    }
    if (!isDnsLabel(gateway)) report('SLU2018', path, `invalid value for gateway name: ${JSON.stringify(gateway)}`);
  }
}
