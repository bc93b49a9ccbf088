// Where the engine is refused it says so, with the reason, and never throws. Each in a process of its own.
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('where the engine is refused');

const supportedModule = JSON.stringify(new URL('./supported.ts', import.meta.url).href);

function answer(before: string): { ok: boolean; error?: { code: string; message: string } } {
  const program = `
    import { createRequire } from 'node:module';
    const require = createRequire(${JSON.stringify(import.meta.url)});
    ${before}
    const { supported } = await import(${supportedModule});
    console.log(JSON.stringify(supported()));
  `;
  const args = ['--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('a machine that can says yes', () => {
  assert.ok(answer('').ok);
});

test('without koffi', () => {
  const { ok, error } = answer(`
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

test('with a call refused by a sandbox, the call and the errno are told', () => {
  const { ok, error } = answer(refuse({ x64: 288, arm64: 242 }, 1));
  assert.not(ok);
  assert.is(error?.code, 'unsupported');
  assert.match(error?.message ?? '', /accept4: EPERM/);
  const other = answer(refuse({ x64: 290, arm64: 19 }, 38));
  assert.match(other.error?.message ?? '', /eventfd: ENOSYS/);
});

test.run();
