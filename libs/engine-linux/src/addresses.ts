// What the two addresses of an end are, in text. Asking the kernel costs a call, and making a text costs more than reading
// it: so what is known already is not asked, and texts of late are kept.
import type { Address, EndAddresses } from '@sluice/engine';
import * as abi from './abi.ts';
import { type Ends, flag } from './ends.ts';
import type { Notes } from './mailbox.ts';
import { isAnyAddress, readAddress } from './socket-address.ts';
import { Memory, type Syscalls } from './syscalls.ts';

export class Addresses {
  readonly #calls: Syscalls;
  readonly #ends: Ends;
  readonly #notes: Notes;
  readonly #name = new Memory(abi.sockaddrBytes);
  /** Of accepted ends whose listening socket has one address only: that one. Shared by all of a listener's. */
  readonly #locals: (Address | undefined)[] = [];
  /** By listening descriptor. */
  readonly #ofListeners = new Map<number, Address>();

  constructor(calls: Syscalls, ends: Ends, notes: Notes) {
    this.#calls = calls;
    this.#ends = ends;
    this.#notes = notes;
  }

  /** `listening`: the socket it was taken from, while its note is good; -1 where that is not known. */
  accepted(fd: number, listening: number): void {
    const local = listening < 0 ? undefined : this.#ofListener(listening);
    // The note read may have been a later listener's of the same number.
    const isOwn = listening >= 0 && this.#notes.listener(listening) === this.#notes.listener(fd);
    this.#locals[fd] = isOwn ? local : undefined;
  }

  both(fd: number): EndAddresses {
    const local = this.local(fd);
    const remote = this.#remote(fd);
    return {
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: remote.address,
      remotePort: remote.port,
    };
  }

  local(fd: number): Address {
    const known = this.#ends.has(fd, flag.accepted) ? this.#locals[fd] : undefined;
    return known ?? this.#asked(this.#calls.getsockname, fd);
  }

  #remote(fd: number): Address {
    if (!this.#ends.has(fd, flag.accepted)) return this.#asked(this.#calls.getpeername, fd);
    return readAddress(this.#notes.bytes, this.#notes.addressAt(fd), this.#calls);
  }

  #asked(ask: Syscalls['getsockname'], fd: number): Address {
    const { bytes } = this.#name;
    bytes.fill(0, 0, 2);
    ask(fd, this.#name, 0, abi.sockaddrBytes);
    return readAddress(bytes, 0, this.#calls);
  }

  #ofListener(listening: number): Address | undefined {
    const { bytes } = this.#notes;
    const at = this.#notes.addressAt(listening);
    if (isAnyAddress(bytes, at)) return undefined;
    const address = readAddress(bytes, at, this.#calls);
    const before = this.#ofListeners.get(listening);
    if (before?.address === address.address && before.port === address.port) return before;
    this.#ofListeners.set(listening, address);
    return address;
  }
}
