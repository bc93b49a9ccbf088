// Kubernetes' core/v1 Service: a host name of the cluster domain, its ports, and the labels of its endpoints.
import { z } from 'zod';
import { fields, flag, int32, integer, list, oneOf, type Readable, text, textMap, texts } from './field.ts';

const Port = fields({
  name: text().optional(),
  protocol: oneOf(['TCP', 'UDP', 'SCTP']).optional(),
  appProtocol: text().optional(),
  port: integer(1, 65535, 'port is required'),
  targetPort: z.union([integer(1, 65535), z.string()]).optional(),
  nodePort: integer(0, 65535).optional(),
});

export const ServiceSpec = fields({
  ports: list(Port).optional(),
  selector: textMap().optional(),
  type: oneOf(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).optional(),
  externalName: text().optional(),
  clusterIP: text().optional(),
  clusterIPs: texts().optional(),
  externalIPs: texts().optional(),
  loadBalancerIP: text().optional(),
  loadBalancerSourceRanges: texts().optional(),
  loadBalancerClass: text().optional(),
  allocateLoadBalancerNodePorts: flag().optional(),
  externalTrafficPolicy: oneOf(['Cluster', 'Local']).optional(),
  internalTrafficPolicy: oneOf(['Cluster', 'Local']).optional(),
  healthCheckNodePort: int32().optional(),
  publishNotReadyAddresses: flag().optional(),
  sessionAffinity: oneOf(['None', 'ClientIP']).optional(),
  sessionAffinityConfig: fields({
    clientIP: fields({ timeoutSeconds: integer(1, 86400).optional() }).optional(),
  }).optional(),
  ipFamilies: texts().optional(),
  ipFamilyPolicy: oneOf(['SingleStack', 'PreferDualStack', 'RequireDualStack']).optional(),
  trafficDistribution: text().optional(),
});

export type ServiceSpec = Readable<z.infer<typeof ServiceSpec>>;
