// Istio's Telemetry: what proxies measure, trace and log. Read and checked whole, and not applied.
// Follows istio/api telemetry/v1alpha1/telemetry.proto.
import { z } from 'zod';
import { TargetReference } from './authorization-policy.ts';
import { double, duration, fields, flag, list, oneOf, type Readable, text } from './field.ts';
import { MatchLabels } from './metadata.ts';

const MODE = oneOf(['CLIENT_AND_SERVER', 'CLIENT', 'SERVER']).optional();

const METRICS = [
  'ALL_METRICS',
  'REQUEST_COUNT',
  'REQUEST_DURATION',
  'REQUEST_SIZE',
  'RESPONSE_SIZE',
  'TCP_OPENED_CONNECTIONS',
  'TCP_CLOSED_CONNECTIONS',
  'TCP_SENT_BYTES',
  'TCP_RECEIVED_BYTES',
  'GRPC_REQUEST_MESSAGES',
  'GRPC_RESPONSE_MESSAGES',
] as const;

const Providers = list(fields({ name: text('providers.name may not be empty') })).optional();

const CustomTag = fields({
  literal: fields({ value: text('literal tag value may not be empty') }).optional(),
  environment: fields({
    name: text('environment tag name may not be empty'),
    defaultValue: text().optional(),
  }).optional(),
  header: fields({ name: text('header tag name may not be empty'), defaultValue: text().optional() }).optional(),
  formatter: fields({ value: text('formatter tag value may not be empty') }).optional(),
});

const Tracing = fields({
  match: fields({ mode: MODE }).optional(),
  providers: Providers,
  randomSamplingPercentage: double().optional(),
  disableSpanReporting: flag().optional(),
  customTags: z.record(z.string(), CustomTag).optional(),
  enableIstioTags: flag().optional(),
  useRequestIdForTraceSampling: flag().optional(),
  disableContextPropagation: flag().optional(),
});

const Override = fields({
  match: fields({ metric: oneOf(METRICS).optional(), customMetric: text().optional(), mode: MODE }).optional(),
  disabled: flag().optional(),
  tagOverrides: z
    .record(z.string(), fields({ operation: oneOf(['UPSERT', 'REMOVE']).optional(), value: text().optional() }))
    .optional(),
});

export const TelemetrySpec = fields({
  selector: MatchLabels.optional(),
  targetRef: TargetReference.optional(),
  targetRefs: list(TargetReference).optional(),
  tracing: list(Tracing).optional(),
  metrics: list(
    fields({ providers: Providers, overrides: list(Override).optional(), reportingInterval: duration().optional() }),
  ).optional(),
  accessLogging: list(
    fields({
      match: fields({ mode: MODE }).optional(),
      providers: Providers,
      disabled: flag().optional(),
      filter: fields({ expression: text().optional() }).optional(),
    }),
  ).optional(),
});

export type TelemetrySpec = Readable<z.infer<typeof TelemetrySpec>>;
