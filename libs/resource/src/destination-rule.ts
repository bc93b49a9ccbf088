// Istio's DestinationRule: the subsets of a host and the traffic policies towards it.
// Follows istio/api networking/v1alpha3/destination_rule.proto.
import type { z } from 'zod';
import { fields, list, type Readable, text, textMap, texts } from './field.ts';
import { MatchLabels } from './metadata.ts';
import { TrafficPolicy } from './traffic-policy.ts';

const Subset = fields({
  name: text('subset name cannot be empty'),
  labels: textMap().optional(),
  trafficPolicy: TrafficPolicy.optional(),
});

export const DestinationRuleSpec = fields({
  host: text('empty domain name not allowed'),
  trafficPolicy: TrafficPolicy.optional(),
  subsets: list(Subset).optional(),
  exportTo: texts().optional(),
  workloadSelector: MatchLabels.optional(),
});

export type DestinationRuleSpec = Readable<z.infer<typeof DestinationRuleSpec>>;
export type Subset = Readable<z.infer<typeof Subset>>;
