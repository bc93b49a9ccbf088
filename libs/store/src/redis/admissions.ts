// Admissions through a BullMQ queue: each proposal is a job that one config service at a time answers. A rejection is the
// result of a job; a job fails only where nobody could decide.
import type { Redis } from 'ioredis';
import type { Admissions, StoreHealth } from '../store.ts';
import type { Run } from './log.ts';
import { type Serving, serve } from './serve.ts';
import { submit } from './submit.ts';

export interface QueueConnections {
  readonly run: Run;
  readonly health: () => Promise<StoreHealth>;
  /** When `run` had to connect anew the last time, by `performance.now()`; -Infinity for never. */
  readonly reconnectedMs: () => number;
  /** A new connection for BullMQ's worker; closed by whoever asked for it. */
  readonly connect: (name: string) => Redis;
  /** Told what goes wrong with BullMQ in the background, again and again while it does. */
  readonly failed: (error: Error) => void;
  readonly faultOf: (error: unknown) => Error;
  /** For messages. */
  readonly where: string;
}

/** `end` stops serving at once, as the end of a process does: a running job is taken up by another. */
export function redisAdmissions(connections: QueueConnections): { admissions: Admissions; end(): Promise<void> } {
  const servings = new Set<Serving>();
  return {
    admissions: {
      submit: (proposal, { timeoutMs, signal }) => {
        return submit(connections, proposal, performance.now() + timeoutMs, signal);
      },
      async serve(desk) {
        const serving = await serve(connections, desk);
        servings.add(serving);
        return {
          close: async () => {
            await serving.close(false);
            servings.delete(serving);
          },
        };
      },
    },
    async end() {
      await Promise.all([...servings].map((serving) => serving.close(true)));
    },
  };
}
