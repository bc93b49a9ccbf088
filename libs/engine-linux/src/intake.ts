// Takes what waits at a listening socket, in batches: in the accepting thread, or in a lone worker's own. Whoever has it
// says in whose name connections are accepted, and what becomes of each. It reads not one byte.
import * as abi from './abi.ts';
import { type Notes, noteAddressBytes } from './mailbox.ts';
import { Memory } from './syscalls.ts';

/** Connections taken at once, so that everything else in the thread gets its turn. */
const takenAtOnce = 128;

/** Pause of a listener after accept4 said there are no descriptors or memory: the queue stays, it would only spin. */
export const exhaustedPauseMs = 50;

/** accept(2): errors of one connection or of the network under it, which are no reason to stop. */
const passing: ReadonlySet<number> = new Set([
  abi.EINTR,
  abi.ECONNABORTED,
  abi.EPERM,
  abi.EPROTO,
  abi.ENETDOWN,
  abi.ENOPROTOOPT,
  abi.EHOSTDOWN,
  abi.ENONET,
  abi.EHOSTUNREACH,
  abi.EOPNOTSUPP,
  abi.ENETUNREACH,
]);

/** The listening socket was closed meanwhile by the thread that opened it, or is not listening yet. */
const gone: ReadonlySet<number> = new Set([abi.EBADF, abi.EINVAL, abi.ENOTSOCK]);

export interface IntakeOptions {
  readonly notes: Notes;
  /** accept4(2): answers a descriptor, or minus the errno. */
  readonly accept: (listening: number, address: Memory, length: number, flags: number) => number;
  /** One was taken; its note has the listener's number and the peer's address. */
  readonly taken: (fd: number, listening: number) => void;
  /** One came whose listener is not certain: it must not be decided by another's rules. */
  readonly refuse: (fd: number) => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #address = new Memory(abi.sockaddrBytes);
  /** Minus the errno that says nothing can be taken for now, after the last `take`; 0 = none. */
  exhausted = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Answers how many were taken. */
  take(listening: number): number {
    const { notes, accept, taken, refuse } = this.#options;
    this.exhausted = 0;
    let count = 0;
    for (let tries = 0; tries < takenAtOnce; tries++) {
      // A unix socket's has no more than its family, or not even that.
      this.#address.words[0] = 0;
      const listener = notes.listener(listening);
      const fd = accept(listening, this.#address, noteAddressBytes, abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC);
      if (fd >= 0) {
        count++;
        if (notes.listener(listening) === listener) {
          notes.write(fd, listener, this.#address);
          taken(fd, listening);
        } else {
          // The thread that opens listeners closed this one meanwhile, and its number is another's.
          refuse(fd);
        }
      } else if (fd === -abi.EAGAIN || gone.has(-fd)) break;
      else if (!passing.has(-fd)) {
        this.exhausted = fd;
        break;
      }
    }
    return count;
  }
}
