// Codes SLU01xx: rules across resources, numbered as in Istio's analyzers (SLU0145 is IST0145).
import type { CodeRow } from './codes.ts';

export const ANALYSIS_CODES = {
  SLU0101: {
    level: 'error',
    title: 'a referenced resource is not found',
    solve: 'publish the resource referred to, or correct the name, namespace or port',
  },
  SLU0109: {
    level: 'error',
    title: 'VirtualServices claim the same host',
    solve: 'merge them into one, or give each its own host',
  },
  SLU0112: {
    level: 'error',
    title: 'a destination needs a port',
    solve: 'write destination.port.number: the service has several ports',
  },
  SLU0118: {
    level: 'notice',
    title: 'a port name does not follow the naming convention',
    solve: 'name the port PROTOCOL or PROTOCOL-SUFFIX, or set appProtocol',
  },
  SLU0127: { level: 'warning', title: 'a policy selects no workload', solve: 'correct the selector or the namespace' },
  SLU0128: {
    level: 'warning',
    title: 'upstream certificates are not verified',
    solve: 'set tls.caCertificates or tls.credentialName',
  },
  SLU0129: {
    level: 'warning',
    title: 'upstream certificates of a port are not verified',
    solve: 'set caCertificates or credentialName in the port-level tls',
  },
  SLU0130: {
    level: 'warning',
    title: 'a route rule is never reached',
    solve: 'move it before the rule that takes everything, or remove it',
  },
  SLU0131: {
    level: 'warning',
    title: 'a match of a route rule is never reached',
    solve: 'remove the match that an earlier rule covers',
  },
  SLU0132: {
    level: 'warning',
    title: 'a VirtualService host is not served by its gateway',
    solve: 'add the host to a server of the gateway, or correct it',
  },
  SLU0134: {
    level: 'warning',
    title: 'a TCP ServiceEntry needs addresses',
    solve: 'add spec.addresses, or use a protocol that carries the host',
  },
  SLU0138: {
    level: 'warning',
    title: 'a certificate is used by several gateways',
    solve: 'use one Gateway for the certificate, or a certificate for each',
  },
  SLU0145: { level: 'error', title: 'gateways conflict', solve: 'give each its own port, bind address or hosts' },
  SLU0150: {
    level: 'warning',
    title: 'a port of an ExternalName service has an invalid name',
    solve: 'name the port PROTOCOL or PROTOCOL-SUFFIX, or set appProtocol',
  },
  SLU0161: {
    level: 'error',
    title: 'the credential of a gateway is invalid',
    solve: 'let the Secret hold a certificate and its private key, both in PEM',
  },
  SLU0162: {
    level: 'warning',
    title: 'a gateway port is not defined on the gateway service',
    solve: 'add the port to the service in front of the gateway',
  },
  SLU0165: {
    level: 'warning',
    title: 'a VirtualService names a gateway that Istio makes for itself',
    solve: 'name the Gateway of the Gateway API in parentRefs of a TCPRoute or TLSRoute',
  },
  SLU0168: {
    level: 'warning',
    title: 'a selector has no effect on a Gateway of the Gateway API',
    solve: 'name the Gateway in targetRefs: its pods, which the selector means, are not there',
  },
  // Istio: an error. Endpoints come and go, and removing the last one of a subset must not be refused.
  SLU0173: {
    level: 'warning',
    title: 'a subset selects no endpoint',
    solve: 'correct the labels of the subset, or label the endpoints',
  },
  SLU0174: {
    level: 'warning',
    title: 'the host of a DestinationRule is unknown',
    solve: 'publish the Service or ServiceEntry, or correct the host',
  },
  SLU0177: {
    level: 'warning',
    title: 'a port has different protocols in different ServiceEntries',
    solve: 'write one protocol for a port of a host, or export the entries to different namespaces',
  },
} as const satisfies Record<string, CodeRow>;
