// Where the engine is refused it says so, with the reason, and never throws. Each in a thread of its own.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('where the engine is refused');

/** Of this process: Alpine has it as ld-musl-ARCH.so.1, Debian below ARCH-linux-musl. */
const musl = /ld-musl-|-linux-musl\/libc\.so/.test(readFileSync('/proc/self/maps', 'latin1'));

const supportedModule = JSON.stringify(new URL('./supported.ts', import.meta.url).href);

/** What `supported` says in a thread of its own after `before` ran in it: a thread's filter is its own (seccomp(2)). */
async function answer(before: string): Promise<{ ok: boolean; error?: { code: string; message: string } }> {
  return inThread(`${before}
    const { supported } = await import(${supportedModule});
    return supported();
  `);
}

async function inThread<T>(program: string): Promise<T> {
  const text = `
    const { createRequire } = require('node:module');
    const { parentPort } = require('node:worker_threads');
    (async (require) => { ${program} })(createRequire(${JSON.stringify(import.meta.url)}))
      .then((value) => parentPort.postMessage(value));
  `;
  const thread = new Worker(text, { eval: true });
  const [value] = await once(thread, 'message');
  await thread.terminate();
  return value;
}

test('a machine that can says yes', async () => {
  assert.ok((await answer('')).ok);
});

test('without koffi', async () => {
  const { ok, error } = await answer(`
    const Module = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name === 'koffi') throw new Error("Cannot find module 'koffi'");
      return load(name, ...rest);
    };
  `);
  assert.not(ok);
  assert.is(error?.code, 'unsupported');
  assert.match(error?.message ?? '', /Cannot find module 'koffi'/);
});

/** seccomp(2): a classic BPF program over struct seccomp_data, whose first word is the call's number. */
const refuse = (call: { x64: number; arm64: number }, errno: number) => `
  const koffi = require('koffi');
  const libc = koffi.load(null);
  const prctl = libc.func('int prctl(int option, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d)');
  const filter = new DataView(new ArrayBuffer(128));
  const instruction = (at, code, jt, jf, k) => {
    filter.setUint16(at * 8, code, true);
    filter.setUint8(at * 8 + 2, jt);
    filter.setUint8(at * 8 + 3, jf);
    filter.setUint32(at * 8 + 4, k, true);
  };
  instruction(0, 0x20, 0, 0, 0); // load the number
  instruction(1, 0x15, 0, 1, ${call[process.arch as 'x64']}); // is it the one?
  instruction(2, 0x06, 0, 0, 0x00050000 + ${errno}); // SECCOMP_RET_ERRNO
  instruction(3, 0x06, 0, 0, 0x7fff0000); // SECCOMP_RET_ALLOW
  const program = new DataView(new ArrayBuffer(128)); // struct sock_fprog: length, pointer
  program.setUint16(0, 4, true);
  program.setBigUint64(8, koffi.address(new Uint8Array(filter.buffer)), true);
  if (prctl(38, 1, 0, 0, 0) !== 0) throw new Error('PR_SET_NO_NEW_PRIVS');
  if (prctl(22, 2, Number(koffi.address(new Uint8Array(program.buffer))), 0, 0) !== 0) throw new Error('PR_SET_SECCOMP');
`;

/** Numbers of asm/unistd.h and asm-generic/unistd.h; what libc's function calls. */
const numbers = {
  epoll_create1: { x64: 291, arm64: 20 },
  eventfd: { x64: 290, arm64: 19 },
  accept4: { x64: 288, arm64: 242 },
  recv: { x64: 45, arm64: 207 },
  send: { x64: 44, arm64: 206 },
  getpeername: { x64: 52, arm64: 205 },
  shutdown: { x64: 48, arm64: 210 },
  splice: { x64: 275, arm64: 76 },
  pipe2: { x64: 293, arm64: 59 },
} as const;

for (const name of ['epoll_create1', 'eventfd', 'accept4', 'recv', 'send', 'getpeername', 'shutdown'] as const) {
  test(`with ${name} refused by a sandbox, the call and the errno are told`, async () => {
    for (const [errno, errnoName] of [
      [1, 'EPERM'],
      [38, 'ENOSYS'],
    ] as const) {
      // musl's accept4 is accept and fcntl then, and answers as the call would.
      if (musl && name === 'accept4' && errnoName === 'ENOSYS') continue;
      const { ok, error } = await answer(refuse(numbers[name], errno));
      assert.not(ok);
      assert.is(error?.code, 'unsupported');
      assert.is(error?.message, `the Linux engine cannot run: ${name}: ${errnoName}`);
    }
  });
}

test('where Node does not let its event loop be had, that is told', async () => {
  const { error } = await answer(`
    const koffi = require('koffi');
    const load = koffi.load;
    koffi.load = (...args) => {
      const library = load(...args);
      return {
        symbol: (name) => library.symbol(name),
        func: (name, ...rest) => {
          if (name === 'uv_walk') throw new Error("Cannot find function 'uv_walk'");
          return library.func(name, ...rest);
        },
      };
    };
  `);
  assert.match(error?.message ?? '', /uv_walk/);
});

const bulkModule = JSON.stringify(new URL('./bulk.test-kit.ts', import.meta.url).href);

for (const [name, refusal] of [
  ['splice', 'splice: EPERM'],
  ['pipe2', null],
] as const) {
  test(`with ${name} refused the engine serves, and bulk comes whole`, async () => {
    const moved = await inThread(`
      ${refuse(numbers[name], 1)}
      const { bulk } = await import(${bulkModule});
      return bulk();
    `);
    assert.equal(moved, { supported: true, refusal, whole: true, pipes: 0 });
  });
}

test.run();
