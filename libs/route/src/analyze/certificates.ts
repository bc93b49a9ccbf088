// IST0101, IST0161 and IST0138: credentials of Gateways that are missing, of no use, or shared by several.
import { type Gateway, type KubernetesGateway, keyOf, type Secret, type ServerTls } from '@sluice/resource';
import { type Labels, selects } from '../label.ts';
import { compareText } from '../order.ts';
import { isUsableCredential } from './key-pair.ts';
import type { Subject } from './subject.ts';

type Secrets = ReadonlyMap<string, { readonly isUsable: () => boolean }>;

export function analyzeCertificates(subject: Subject): void {
  const secrets: Secrets = new Map(
    subject.byKind.Secret.map((secret) => [
      `${secret.metadata.namespace}/${secret.metadata.name}`,
      { isUsable: usableOnce(secret) },
    ]),
  );
  for (const gateway of subject.byKind.Gateway) checkCredentials(subject, gateway, secrets);
  for (const gateway of subject.byKind.KubernetesGateway) checkReferences(subject, gateway, secrets);
  reportShared(subject);
}

/** A key is read when it is first asked for, and once: it takes a while. */
function usableOnce(secret: Secret): () => boolean {
  let known: boolean | undefined;
  return () => (known ??= isUsableCredential(secret));
}

/** A credential is a Secret in the namespace of the workload, not of the Gateway. */
function checkCredentials({ workloads, report }: Subject, gateway: Gateway, secrets: Secrets): void {
  const workload = workloads.firstGateway(gateway.spec.selector);
  if (workload === undefined) return;
  const check = (name: string, path: string) => {
    if (name === '') return;
    const secret = secrets.get(`${workload.namespace}/${name}`);
    if (secret === undefined) {
      report('SLU0101', keyOf(gateway), path, `Referenced credentialName not found: "${name}"`);
    } else if (!secret.isUsable()) report('SLU0161', keyOf(gateway), path, invalid(gateway));
  };
  gateway.spec.servers.forEach(({ tls }, index) => {
    const at = `spec.servers[${index}].tls`;
    check(tls?.credentialName ?? '', `${at}.credentialName`);
    for (const [i, name] of (tls?.credentialNames ?? []).entries()) check(name, `${at}.credentialNames[${i}]`);
  });
}

/** One that is not there is told of where TLS is ended (SLU3034). */
function checkReferences({ report }: Subject, gateway: KubernetesGateway, secrets: Secrets): void {
  gateway.spec.listeners.forEach(({ tls }, i) => {
    (tls?.certificateRefs ?? []).forEach(({ name, namespace = gateway.metadata.namespace }, j) => {
      if (secrets.get(`${namespace}/${name}`)?.isUsable() !== false) return;
      report('SLU0161', keyOf(gateway), `spec.listeners[${i}].tls.certificateRefs[${j}]`, invalid(gateway));
    });
  });
}

function invalid({ metadata: { name, namespace } }: Gateway | KubernetesGateway): string {
  const effect = 'which can cause the traffic not to work as expected.';
  return `The credential referenced by the Gateway ${name} in namespace ${namespace} is invalid, ${effect}`;
}

/** A Gateway is told of every other with the same certificate whose selector has all labels of its own. */
function reportShared({ byKind, report }: Subject): void {
  const users = new Map<string, Gateway[]>();
  for (const gateway of byKind.Gateway) {
    for (const certificate of new Set(gateway.spec.servers.map(({ tls }) => certificateOf(tls)))) {
      if (certificate === undefined) continue;
      if (users.has(certificate)) users.get(certificate)!.push(gateway);
      else users.set(certificate, [gateway]);
    }
  }
  for (const gateways of users.values()) {
    const sets = distinctSelectors(gateways);
    for (const gateway of gateways) {
      const other = firstOther(gateway, sets);
      if (other === undefined) continue;
      const names = [gateway, other].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      report(
        'SLU0138',
        keyOf(gateway),
        '',
        `Duplicate certificate in multiple gateways [${names.join(' ')}] may cause 404s if clients re-use HTTP2 connections.`,
      );
    }
  }
}

function certificateOf(tls: ServerTls | undefined): string | undefined {
  if (tls === undefined) return undefined;
  if (tls.credentialName) return `credential ${tls.credentialName}`;
  return tls.serverCertificate && tls.privateKey ? `files ${tls.serverCertificate} ${tls.privateKey}` : undefined;
}

interface SelectorUsers {
  readonly selector: Labels;
  /** The first two are enough to find one that is not a given Gateway. */
  readonly gateways: Gateway[];
}

function distinctSelectors(gateways: readonly Gateway[]): readonly SelectorUsers[] {
  const sets = new Map<string, SelectorUsers>();
  const sorted = [...gateways].sort((a, b) => compareText(keyOf(a), keyOf(b)));
  for (const gateway of sorted) {
    const selector = gateway.spec.selector ?? {};
    const key = JSON.stringify(Object.entries(selector).sort());
    const users = sets.get(key);
    if (users === undefined) sets.set(key, { selector, gateways: [gateway] });
    else if (users.gateways.length < 2) users.gateways.push(gateway);
  }
  return [...sets.values()];
}

function firstOther(gateway: Gateway, sets: readonly SelectorUsers[]): Gateway | undefined {
  for (const { selector, gateways } of sets) {
    if (!selects(gateway.spec.selector, selector)) continue;
    const other = gateways.find((one) => one !== gateway);
    if (other !== undefined) return other;
  }
  return undefined;
}
