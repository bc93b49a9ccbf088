// Istio's ProxyConfig: how the proxies of workloads are set up. Read and checked whole, and not applied.
// Follows istio/api networking/v1beta1/proxy_config.proto.
import type { z } from 'zod';
import { fields, int32, type Readable, text, textMap } from './field.ts';
import { MatchLabels } from './metadata.ts';

export const ProxyConfigSpec = fields({
  selector: MatchLabels.optional(),
  concurrency: int32().optional(),
  environmentVariables: textMap().optional(),
  image: fields({ imageType: text().optional() }).optional(),
});

export type ProxyConfigSpec = Readable<z.infer<typeof ProxyConfigSpec>>;
