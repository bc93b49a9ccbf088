// ioredis's own way to the primary that Sentinels name, without its lines on the console: it hears of a failover on connections
// that nobody listens to for errors, so that each Sentinel that is down would be printed again and again.
import type { Socket } from 'node:net';
import { type AbstractConnector, type Redis, SentinelConnector } from 'ioredis';

interface SentinelClients extends AbstractConnector {
  connect(tell: (type: string, error: Error) => void): Promise<Socket>;
  connectToSentinel(endpoint: unknown, options?: unknown): Redis;
}

const Base = SentinelConnector as unknown as new (options: unknown) => SentinelClients;

/** For `Connector` of ioredis. A Sentinel that does not answer is told where it matters: by the one who waits for a connection. */
export class QuietSentinelConnector extends Base {
  override connectToSentinel(endpoint: unknown, options?: unknown): Redis {
    const client = super.connectToSentinel(endpoint, options);
    client.on('error', () => {});
    return client;
  }
}
