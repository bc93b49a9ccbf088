// Holds the numbers, structs and prototypes of the Linux engine to the C headers they are taken from:
// `node scripts/src/abi-check.ts` compiles them as assertions with each compiler there is. Nothing is linked or run, so
// one machine checks both architectures and both libcs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as abi from '../../libs/engine-linux/src/abi.ts';
import { prototypes } from '../../libs/engine-linux/src/syscalls.ts';

export interface Target {
  readonly architecture: string;
  readonly libc: 'glibc' | 'musl';
  /** A compiler on PATH, with what it needs to read this libc's headers. */
  readonly compiler: string;
  readonly arguments: readonly string[];
}

export interface Outcome {
  readonly name: string;
  readonly result: 'ok' | 'failed' | 'skipped';
  /** Facts checked, what the compiler complained of, or what is missing. */
  readonly output: string;
}

const arm64Compiler = 'aarch64-linux-gnu-gcc';
/** Where Debian's musl-dev keeps the headers of another architecture. */
const muslHeaders = '/usr/include/aarch64-linux-musl';

/** Debian: gcc, musl-tools, gcc-aarch64-linux-gnu with libc6-dev-arm64-cross, musl-dev:arm64. */
export const targets: readonly Target[] = [
  { architecture: process.arch, libc: 'glibc', compiler: 'cc', arguments: [] },
  { architecture: process.arch, libc: 'musl', compiler: 'musl-gcc', arguments: [] },
  ...(process.arch === 'arm64' ? [] : otherThanThisMachine()),
];

function otherThanThisMachine(): Target[] {
  return [
    { architecture: 'arm64', libc: 'glibc', compiler: arm64Compiler, arguments: [] },
    { architecture: 'arm64', libc: 'musl', compiler: arm64Compiler, arguments: ['-nostdinc', '-isystem', muslHeaders] },
  ];
}

const headers = [
  'errno.h',
  'fcntl.h',
  'net/if.h',
  'netinet/in.h',
  'netinet/tcp.h',
  'stddef.h',
  'stdint.h',
  'sys/epoll.h',
  'sys/eventfd.h',
  'sys/resource.h',
  'sys/socket.h',
  'sys/types.h',
  'sys/un.h',
  'unistd.h',
];

/** The C text that compiles only where everything holds, and how many facts it holds. */
export function facts(architecture: string, numbers: Readonly<Record<string, unknown>> = abi) {
  const { words, dataWord } = abi.epollLayout(architecture);
  const claims = [
    ...Object.entries(numbers).flatMap(([name, value]) =>
      typeof value === 'number' && /^[A-Z]/.test(name) ? [[`(int)${name}`, value] as const] : [],
    ),
    ...Object.entries(abi.structs).flatMap(([name, { size, ...fields }]) => [
      [`sizeof(struct ${name})`, size] as const,
      ...Object.entries(fields).map(([field, at]) => [`offsetof(struct ${name}, ${field})`, at] as const),
    ]),
    ['sizeof(struct epoll_event)', words * 4],
    ['offsetof(struct epoll_event, events)', 0],
    ['offsetof(struct epoll_event, data.fd)', dataWord * 4],
    ['sizeof(socklen_t)', 4],
    ['sizeof(((struct rlimit *)0)->rlim_cur)', 8],
  ] as const;
  const asserted = claims.map(([what, value]) => `_Static_assert(${what} == ${value}, "${what} is not ${value}");`);
  const calls = Object.entries(prototypes).map(([name, prototype]) => wrapper(name, prototype));
  const lines = ['#define _GNU_SOURCE', ...headers.map((header) => `#include <${header}>`), ...asserted, ...calls];
  return { text: `${lines.join('\n')}\n`, count: asserted.length + calls.length };
}

/** A function of our types that calls the libc's: a wrong count of arguments, or a type that narrows, is an error. */
function wrapper(name: string, prototype: string): string {
  const match = /^(.+?) (\w+)\((.*)\)$/.exec(prototype);
  if (match === null || match[2] !== name) throw new Error(`not a prototype of ${name}: ${prototype}`);
  const parameters = (match[3] as string).split(', ');
  const given = parameters.map((parameter) => {
    const argument = /\w+$/.exec(parameter)?.[0] as string;
    const isPointer = parameter.startsWith('uintptr_t') && argument !== 'len' && argument !== 'count';
    return isPointer ? `(void *)${argument}` : argument;
  });
  const call = `${name}(${given.join(', ')})`;
  const returned = match[1] === 'uintptr_t' ? `(uintptr_t)${call}` : call;
  return `${match[1]} our_${name}(${parameters.join(', ')});
${match[1]} our_${name}(${parameters.join(', ')}) {
  _Static_assert(sizeof(${call}) == sizeof(${match[1]}), "${name} answers another size");
  return ${returned};
}`;
}

export function check(target: Target): Outcome {
  const { architecture, libc, compiler } = target;
  const name = `${architecture} ${libc}`;
  const missing = whatIsMissing(target);
  if (missing !== null) return { name, result: 'skipped', output: `there is no ${missing}` };
  const { text, count } = facts(architecture);
  const { status, stderr } = compile(target, text);
  return status === 0
    ? { name, result: 'ok', output: `${count} facts hold (${compiler})` }
    : { name, result: 'failed', output: stderr };
}

export function compile({ compiler, arguments: own }: Target, text: string) {
  const flags = ['-std=c11', '-fsyntax-only', '-Wall', '-Wextra', '-Wconversion', '-Werror', '-x', 'c'];
  return spawnSync(compiler, [...own, ...builtins(compiler, own), ...flags, '-'], { input: text, encoding: 'utf8' });
}

/** stddef.h is the compiler's own. */
function builtins(compiler: string, own: readonly string[]): string[] {
  if (!own.includes('-nostdinc')) return [];
  const { stdout } = spawnSync(compiler, ['-print-file-name=include'], { encoding: 'utf8' });
  return ['-isystem', stdout.trim()];
}

function whatIsMissing({ compiler, arguments: own }: Target): string | null {
  if (spawnSync(compiler, ['--version']).error !== undefined) return compiler;
  return own.includes(muslHeaders) && !existsSync(muslHeaders) ? muslHeaders : null;
}

if (process.argv[1] === import.meta.filename) {
  const outcomes = targets.map(check);
  for (const { name, result, output } of outcomes) console.log(`${result} ${name}: ${output}`);
  process.exit(outcomes.some(({ result }) => result === 'failed') ? 1 : 0);
}
