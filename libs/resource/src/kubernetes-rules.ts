// Rules of Kubernetes' core kinds, as its API server checks them, as far as routing depends on them.
import { fqdnProblem, isDnsLabel, isIp } from './domain.ts';
import { fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import type { EndpointSlice, Secret, Service } from './resource.ts';
import { quote } from './schema-check.ts';
import { checkLabels } from './shared-rules.ts';

export function checkService({ spec }: Service, report: Report): void {
  const { ports = [], type = 'ClusterIP', externalName, clusterIP } = spec;
  if (type === 'ExternalName') {
    if (!externalName || fqdnProblem(externalName) !== undefined) {
      report('SLU2090', 'spec.externalName', 'externalName must be a DNS name for type ExternalName');
    }
  } else if (ports.length === 0 && clusterIP !== 'None') {
    report('SLU2090', 'spec.ports', 'spec.ports: Required value: a service must have at least one port');
  }
  const names = new Set<string>();
  const numbers = new Set<string>();
  for (const [i, { name = '', port, protocol = 'TCP', targetPort }] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    if (ports.length > 1 && name === '')
      report('SLU2090', at, `${at}.name: Required value: with several ports each has a name`);
    if (name !== '' && !isDnsLabel(name)) report('SLU2007', `${at}.name`, `invalid port name: ${name}`);
    if (name !== '' && names.has(name)) report('SLU2014', `${at}.name`, `duplicate port name: ${name}`);
    if (numbers.has(`${protocol} ${port}`)) report('SLU2014', at, `duplicate port: ${protocol} ${port}`);
    if (typeof targetPort === 'string' && !/^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/.test(targetPort)) {
      report('SLU2007', `${at}.targetPort`, `invalid port name: ${targetPort}`);
    }
    names.add(name);
    numbers.add(`${protocol} ${port}`);
  }
  checkLabels(report, 'spec.selector', spec.selector);
}

/** As Kubernetes: a slice is kept small, so that a change of one endpoint moves little. */
const MAX_SLICE_ENDPOINTS = 1_000;
const MAX_SLICE_ADDRESSES = 100;

export function checkEndpointSlice({ spec }: EndpointSlice, report: Report): void {
  const { addressType, endpoints = [], ports = [] } = spec;
  if (endpoints.length > MAX_SLICE_ENDPOINTS) {
    report(
      'SLU2090',
      'spec.endpoints',
      `endpoints: Too many: ${endpoints.length}: must have at most ${MAX_SLICE_ENDPOINTS} items`,
    );
  }
  for (const [i, { addresses }] of endpoints.entries()) {
    const at = `spec.endpoints[${i}].addresses`;
    if (addresses.length === 0 || addresses.length > MAX_SLICE_ADDRESSES) {
      report('SLU2090', at, `an endpoint has 1 to ${MAX_SLICE_ADDRESSES} addresses`);
    }
    for (const [j, address] of addresses.entries()) {
      if (!fitsType(address, addressType))
        report('SLU2003', `${at}[${j}]`, `${address} is not a valid ${addressType} address`);
    }
  }
  const names = new Set<string>();
  for (const [i, { name = '' }] of ports.entries()) {
    if (names.has(name)) report('SLU2014', `spec.ports[${i}].name`, `duplicate port name: ${JSON.stringify(name)}`);
    names.add(name);
  }
}

function fitsType(address: string, type: 'IPv4' | 'IPv6' | 'FQDN'): boolean {
  if (type === 'FQDN') return fqdnProblem(address) === undefined;
  return isIp(address) && address.includes(':') === (type === 'IPv6');
}

/** The keys of a certificate and its private key, in Kubernetes' and in Istio's older naming. */
const PAIRS = [
  ['tls.crt', 'tls.key'],
  ['cert', 'key'],
] as const;

const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Istio's key for the OCSP response that its gateway staples. */
const STAPLE = 'tls.ocsp-staple';

export function checkSecret({ spec }: Secret, report: Report): void {
  const { type = 'Opaque', data = {} } = spec;
  for (const [key, value] of Object.entries(data)) {
    const at = fieldAt('spec.data', key);
    if (!SECRET_KEY.test(key)) report('SLU2090', at, `data[${quote(key)}]: Invalid value: not a key of a secret`);
    if (value.length % 4 !== 0) report('SLU2090', at, `data[${quote(key)}]: Invalid value: base64 cut short`);
  }
  if (data[STAPLE])
    report(
      'SLU1021',
      fieldAt('spec.data', STAPLE),
      `data[${STAPLE}] is accepted and not applied: no OCSP response is stapled`,
    );
  if (type === 'kubernetes.io/tls') {
    for (const key of PAIRS[0]) {
      if (!data[key]) report('SLU2091', 'spec.data', `data[${key}]: Required value: a secret of type ${type} has it`);
    }
    return;
  }
  for (const [certificate, key] of PAIRS) {
    if (Boolean(data[certificate]) !== Boolean(data[key])) {
      const [has, lacks] = data[certificate] ? [certificate, key] : [key, certificate];
      report('SLU2092', 'spec.data', `the secret has ${has} but no ${lacks}: no server can present it`);
    }
  }
}
