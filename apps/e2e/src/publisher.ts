// Publishes by the store itself, for tests that change routes more often than a command can be started.
import { randomUUID } from 'node:crypto';
import { parseResources, type ResourceKey } from '@sluice/resource';
import { openStore, type Store } from '@sluice/store';
import { until } from '@sluice/testkit';
import type { RunningAcceptor } from './system.ts';

export class Publisher {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  static async open(address: string): Promise<Publisher> {
    const opened = await openStore(address, { role: 'publisher' });
    if (!opened.ok) throw opened.fault;
    return new Publisher(opened.value);
  }

  /** Resolves with the version; rejects where it is not admitted. */
  async publish(text: string, ...remove: ResourceKey[]): Promise<number> {
    const set = parseResources([{ path: 'routes.yaml', text }]);
    if (!set.ok) throw new Error(JSON.stringify(set.issues));
    const admission = await this.#store.admissions.submit(
      {
        submission: randomUUID(),
        wish: {
          type: 'change',
          put: set.resources,
          delete: remove,
          set: '',
          prune: false,
        },
        author: 'test',
        message: '',
        expectVersion: null,
        timeMs: Date.now(),
      },
      { timeoutMs: 20_000 },
    );
    if (!admission.ok) throw new Error(JSON.stringify(admission.rejection));
    return admission.version;
  }

  /** Waits until every worker of these acceptors has a version. */
  async everywhere(version: number, acceptors: readonly RunningAcceptor[]): Promise<void> {
    await until(async () => {
      const reports = await this.#store.reports.list();
      return acceptors.every(({ id }) => {
        const report = reports.find((each) => each.id === id);
        return report?.version === version && report.workers.every((worker) => worker.version === version);
      });
    }, `version ${version} everywhere`);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
