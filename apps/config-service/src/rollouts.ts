// Drives roll-outs in the background, for as long as the config service runs.
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@sluice/observe';
import { isStoreFault, type RolloutDriver, type RolloutTurn } from '@sluice/store';

/** Acceptors report every second, and at once what they commit: looking oftener than this tells nothing new. */
const TURN_MS = 250;

export class Rollouts {
  readonly #driver: RolloutDriver;
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  #turning: Promise<void> = Promise.resolve();
  #waitsFor = '';

  constructor(driver: RolloutDriver, logger: Logger) {
    this.#driver = driver;
    this.#logger = logger;
  }

  start(): void {
    this.#turning = this.#turnForever();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#turning;
  }

  async #turnForever(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        const turn = await this.#driver.turn();
        if (turn !== null) this.#tell(turn);
      } catch (error) {
        // The keeper, which reads the same store, says that it is away.
        if (!isStoreFault(error)) this.#logger.error({ event: 'rollout-fault', err: error });
      }
      await delay(TURN_MS, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
  }

  #tell({ rollout, decision, admission }: RolloutTurn): void {
    // Another one was faster; the desk has said so.
    if (admission !== null && !admission.ok) return;
    const { of: version, stage, chosen } = rollout;
    const about = { version, stage: stage + 1, stages: rollout.stages.length, chosen };
    if (decision.type === 'abort') {
      this.#logger.warn({ event: 'rollout-aborted', ...about, breach: decision.breach }, decision.breach.message);
    } else if (decision.type === 'promote') {
      this.#logger.info({ event: 'rollout-promoted', ...about, reason: decision.reason });
    } else {
      const waitsFor = `${version} ${stage}`;
      if (waitsFor === this.#waitsFor) return;
      this.#waitsFor = waitsFor;
      this.#logger.info({ event: 'rollout-stage', ...about, waitsFor: decision.reason });
    }
  }
}
