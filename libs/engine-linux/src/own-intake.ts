// A lone worker takes connections itself: there is nothing to choose between workers, and handing over costs a switch of
// threads. The accepting thread puts its listening sockets into the worker's epoll set; they are its own to close.
import { engineError, type WorkerEngineOptions } from '@sluice/engine';
import * as abi from './abi.ts';
import { exhaustedPauseMs, Intake } from './intake.ts';
import type { Ledger } from './ledger.ts';
import type { Loop } from './loop.ts';
import type { Notes } from './mailbox.ts';
import { errnoName, type Syscalls } from './syscalls.ts';

export interface OwnIntakeOptions {
  readonly calls: Syscalls;
  readonly loop: Loop;
  readonly ledger: Ledger;
  readonly owner: number;
  readonly notes: Notes;
  readonly session: WorkerEngineOptions;
  /** One was taken, and may stay. */
  readonly taken: (fd: number, listening: number) => void;
}

export class OwnIntake {
  readonly #options: OwnIntakeOptions;
  readonly #intake: Intake;
  readonly #pauses = new Set<NodeJS.Timeout>();
  /** An error was told, and no connection got through since. */
  #told = false;

  constructor(options: OwnIntakeOptions) {
    const { notes, ledger, owner } = options;
    this.#options = options;
    this.#intake = new Intake({
      notes,
      accept: (listening, address, length, flags) => ledger.accept(owner, listening, address, length, flags),
      taken: (fd, listening) => this.#taken(fd, listening),
      refuse: (fd) => this.#refuse(fd),
    });
  }

  /** An event of a descriptor that is no end's: it may be a listening socket. */
  event(fd: number): void {
    if (!this.#options.notes.isListening(fd)) return;
    if (this.#intake.take(fd) > 0) this.#told = false;
    if (this.#intake.exhausted < 0) this.#pause(fd, this.#intake.exhausted);
  }

  stop(): void {
    for (const timer of this.#pauses) clearTimeout(timer);
  }

  #taken(fd: number, listening: number): void {
    const { session, loop, taken } = this.#options;
    let may = false;
    try {
      may = session.mayTake();
    } catch (cause) {
      loop.fail(cause);
    }
    if (may) taken(fd, listening);
    else this.#refuse(fd);
  }

  #refuse(fd: number): void {
    const { calls, ledger } = this.#options;
    calls.setLinger(fd, 1, 0);
    ledger.close(fd);
  }

  #pause(fd: number, result: number): void {
    const { loop, notes, session } = this.#options;
    if (!this.#told) session.onFault(engineError(errnoName(result), `accept for listener ${notes.listener(fd)}`));
    this.#told = true;
    loop.remove(fd);
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      // Where the number is a later listener's by now, it is watched already (EEXIST).
      if (notes.isListening(fd)) loop.add(fd, abi.EPOLLIN);
    }, exhaustedPauseMs);
    this.#pauses.add(timer);
  }
}
