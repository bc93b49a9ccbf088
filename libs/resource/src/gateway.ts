// Istio's Gateway (networking.istio.io): which ports an acceptor opens, for which hosts, with which TLS.
// Follows istio/api networking/v1alpha3/gateway.proto.
import type { z } from 'zod';
import { fields, flag, list, oneOf, type Readable, text, textMap, texts, uint32 } from './field.ts';
import { SERVER_PROTOCOLS } from './protocol.ts';

const TLS_VERSIONS = ['TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'] as const;
export const SERVER_TLS_MODES = [
  'PASSTHROUGH',
  'SIMPLE',
  'MUTUAL',
  'AUTO_PASSTHROUGH',
  'ISTIO_MUTUAL',
  'OPTIONAL_MUTUAL',
] as const;

export const ServerTls = fields({
  httpsRedirect: flag().optional(),
  mode: oneOf(SERVER_TLS_MODES).optional(),
  serverCertificate: text().optional(),
  privateKey: text().optional(),
  caCertificates: text().optional(),
  caCrl: text().optional(),
  tlsCertificates: list(
    fields({
      serverCertificate: text().optional(),
      privateKey: text().optional(),
      caCertificates: text().optional(),
    }),
  ).optional(),
  credentialName: text().optional(),
  credentialNames: texts().optional(),
  caCertCredentialName: text().optional(),
  subjectAltNames: texts().optional(),
  verifyCertificateSpki: texts().optional(),
  verifyCertificateHash: texts().optional(),
  minProtocolVersion: oneOf(TLS_VERSIONS).optional(),
  maxProtocolVersion: oneOf(TLS_VERSIONS).optional(),
  cipherSuites: texts().optional(),
  insecureSkipVerify: flag().optional(),
});

const ServerPort = fields(
  {
    number: uint32('port number is required'),
    name: text('port name must be set'),
    protocol: text(`invalid protocol "", supported protocols are ${SERVER_PROTOCOLS}`),
    targetPort: uint32().optional(),
  },
  'port is required',
);

const Server = fields({
  name: text().optional(),
  port: ServerPort,
  bind: text().optional(),
  hosts: texts('server config must contain at least one host'),
  tls: ServerTls.optional(),
  defaultEndpoint: text().optional(),
});

export const GatewaySpec = fields({
  servers: list(Server, 'gateway must have at least one server'),
  selector: textMap().optional(),
});

export type GatewaySpec = Readable<z.infer<typeof GatewaySpec>>;
export type GatewayServer = GatewaySpec['servers'][number];
export type ServerTls = Readable<z.infer<typeof ServerTls>>;
