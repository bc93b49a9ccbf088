// Loads koffi and the symbols of this process. Nothing here is a call of its own; see syscalls.ts and wake-up.ts.
import { createRequire } from 'node:module';
import type { LibraryHandle } from 'koffi';

export type Koffi = typeof import('koffi');

let loaded: Koffi | undefined;

/** Throws where the package or its binary is missing; required, not imported, so that the engine can say so. */
export function koffi(): Koffi {
  loaded ??= createRequire(import.meta.url)('koffi') as Koffi;
  return loaded;
}

/** null is the process itself, which holds its libc's symbols unless it was linked statically. */
const libraries = [null, 'libc.so.6', `libc.musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`];

/** The library that has libc's symbols, on glibc and musl. Throws what the loader said where none has. */
export function libc(): LibraryHandle {
  let reason: unknown;
  for (const each of libraries) {
    try {
      const library = koffi().load(each);
      library.symbol('accept4');
      return library;
    } catch (cause) {
      reason = cause;
    }
  }
  throw reason;
}
