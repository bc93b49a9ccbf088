// placeholder
import type { Complaint, KubernetesGateway, TCPRoute, TLSRoute } from '@sluice/resource';
import type { ByKind } from './catalog.ts';
import type { EdgeGateway, RouteSource } from './model.ts';
import type { Setting } from './options.ts';

export interface GatewayApi {
  readonly gateways: ReadonlyMap<KubernetesGateway, readonly EdgeGateway[]>;
  readonly routes: ReadonlyMap<TCPRoute | TLSRoute, RouteSource>;
}

export function readGatewayApi(_byKind: ByKind, _setting: Setting, _complaints: Complaint[]): GatewayApi {
  return { gateways: new Map(), routes: new Map() };
}
