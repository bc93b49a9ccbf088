// The `http` part of a VirtualService: read and checked whole; Sluice does not route by it.
// Follows HTTPRoute of istio/api networking/v1alpha3/virtual_service.proto.
import { z } from 'zod';
import { Destination } from './destination.ts';
import {
  double,
  duration,
  fields,
  flag,
  int32,
  list,
  oneOf,
  type Readable,
  text,
  textMap,
  texts,
  uint32,
} from './field.ts';

const StringMatch = fields({
  exact: text().optional(),
  prefix: text().optional(),
  suffix: text().optional(),
  regex: text().optional(),
});

const Percent = fields({ value: double().optional() });

const HeaderOperations = fields({
  set: textMap().optional(),
  add: textMap().optional(),
  remove: texts().optional(),
});

const Headers = fields({ request: HeaderOperations.optional(), response: HeaderOperations.optional() });

const HttpMatch = fields({
  name: text().optional(),
  uri: StringMatch.optional(),
  scheme: StringMatch.optional(),
  method: StringMatch.optional(),
  authority: StringMatch.optional(),
  headers: z.record(z.string(), StringMatch).optional(),
  port: uint32().optional(),
  sourceLabels: textMap().optional(),
  gateways: texts().optional(),
  queryParams: z.record(z.string(), StringMatch).optional(),
  ignoreUriCase: flag().optional(),
  withoutHeaders: z.record(z.string(), StringMatch).optional(),
  sourceNamespace: text().optional(),
  statPrefix: text().optional(),
});

const HttpRedirect = fields({
  uri: text().optional(),
  prefixRewrite: text().optional(),
  authority: text().optional(),
  port: uint32().optional(),
  derivePort: oneOf(['FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT']).optional(),
  scheme: text().optional(),
  redirectCode: uint32().optional(),
});

const HttpDirectResponse = fields({
  status: uint32('status is required'),
  body: fields({ string: text().optional(), bytes: text().optional() }).optional(),
});

const HttpFault = fields({
  delay: fields({
    percent: int32().optional(),
    fixedDelay: duration().optional(),
    exponentialDelay: duration().optional(),
    percentage: Percent.optional(),
  }).optional(),
  abort: fields({
    httpStatus: int32().optional(),
    grpcStatus: text().optional(),
    http2Error: text().optional(),
    percentage: Percent.optional(),
  }).optional(),
});

const CorsPolicy = fields({
  allowOrigin: texts().optional(),
  allowOrigins: list(StringMatch).optional(),
  allowMethods: texts().optional(),
  allowHeaders: texts().optional(),
  exposeHeaders: texts().optional(),
  maxAge: duration().optional(),
  allowCredentials: flag().optional(),
  unmatchedPreflights: oneOf(['UNSPECIFIED', 'FORWARD', 'IGNORE']).optional(),
});

export const HttpRoute = fields({
  name: text().optional(),
  match: list(HttpMatch).optional(),
  route: list(fields({ destination: Destination, weight: int32().optional(), headers: Headers.optional() })).optional(),
  redirect: HttpRedirect.optional(),
  directResponse: HttpDirectResponse.optional(),
  delegate: fields({ name: text().optional(), namespace: text().optional() }).optional(),
  rewrite: fields({
    uri: text().optional(),
    authority: text().optional(),
    uriRegexRewrite: fields({ match: text().optional(), rewrite: text().optional() }).optional(),
  }).optional(),
  timeout: duration().optional(),
  retries: fields({
    attempts: int32().optional(),
    perTryTimeout: duration().optional(),
    retryOn: text().optional(),
    retryRemoteLocalities: flag().optional(),
    retryIgnorePreviousHosts: flag().optional(),
    backoff: duration().optional(),
  }).optional(),
  fault: HttpFault.optional(),
  mirror: Destination.optional(),
  mirrors: list(fields({ destination: Destination, percentage: Percent.optional() })).optional(),
  mirrorPercent: uint32().optional(),
  mirrorPercentage: Percent.optional(),
  corsPolicy: CorsPolicy.optional(),
  headers: Headers.optional(),
});

export type HttpRoute = Readable<z.infer<typeof HttpRoute>>;
