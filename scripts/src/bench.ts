// `scripts/bench NAME`: one program a measurement. They print a table, and each compares within one run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.ts';

const benches = {
  table: { file: 'scripts/src/bench-table.ts', about: 'the route table: encode, look up, share, swap' },
  peers: { file: 'scripts/src/bench-peers.ts', about: 'Sluice beside HAProxy and nginx, on one core' },
  routes: { file: 'scripts/src/bench-routes.ts', about: 'new connections with 100,000 routes loaded, beside a few' },
  publish: {
    file: 'scripts/src/bench-publish.ts',
    about: 'a change of one resource, from publish to commit in every worker',
  },
} as const;

const names = Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  .join('\n');
const help = `Usage: ./scripts/bench NAME [--json FILE] [OPTIONS]\n\n${names}\n\n./scripts/bench NAME --help tells each one's options.\n`;

const [name = '', ...rest] = process.argv.slice(2);
if (name === '' || name === '--help' || name === '-h') {
  process.stdout.write(help);
  process.exit(name === '' ? 2 : 0);
}
const bench = Object.hasOwn(benches, name) ? benches[name as keyof typeof benches] : null;
if (bench === null || !existsSync(join(root, bench.file))) {
  process.stderr.write(`no bench is called "${name}"\n${help}`);
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [join(root, bench.file), ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
