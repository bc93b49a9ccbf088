// What `bench peers` compares: no proxy, HAProxy, nginx, and the product with each engine, all before the same upstreams.
// Each listens on a loopback address of its own, on the same three ports.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepts, findProgram, freePort, until } from '@sluice/testkit';
import { loadCore, Pinned, proxyCore } from './bench-peers-process.ts';
import { startSluice } from './bench-peers-sluice.ts';

export const proxyNames = ['direct', 'sluice-linux', 'sluice-node', 'haproxy', 'nginx'] as const;
/** Measured where `--proxies` names them: the product on both cores, one of which the load has too, with one worker or two. */
export const furtherNames = ['sluice-two-cores', 'sluice-two-workers'] as const;
export type ProxyName = (typeof proxyNames | typeof furtherNames)[number];

/** Ports that the upstreams have, and every proxy before them. */
export interface Ports {
  readonly http: number;
  readonly iperf: number;
  readonly echo: number;
}

export interface Candidate {
  readonly name: ProxyName;
  readonly address: string;
  /** Its process; null for none. */
  readonly pid: number | null;
  /** How many cores it may use. */
  readonly cores: number;
}

/** What a run needs: where things are, and how large. */
export interface Plan {
  readonly folder: string;
  readonly ports: Ports;
  /** Further routes in the table that no connection of the bench takes. */
  readonly routes: number;
}

const addresses: Record<ProxyName, string> = {
  direct: '127.0.0.1',
  'sluice-linux': '127.11.0.1',
  'sluice-node': '127.11.0.2',
  haproxy: '127.11.0.3',
  nginx: '127.11.0.4',
  'sluice-two-cores': '127.11.0.5',
  'sluice-two-workers': '127.11.0.6',
};

/** Debian packages that have the peers and the load. */
export const packages: Readonly<Record<string, string>> = {
  haproxy: 'haproxy',
  nginx: 'nginx libnginx-mod-stream',
  iperf3: 'iperf3',
  wrk: 'wrk',
};

export function program(name: string): string | null {
  return findProgram(name, `/usr/sbin/${name}`);
}

export async function startUpstreams(plan: Plan): Promise<void> {
  const { ports, folder } = plan;
  const node = process.execPath;
  new Pinned(
    loadCore,
    [node, join(import.meta.dirname, 'bench-peers-load.ts'), 'echo', String(ports.echo)],
    join(folder, 'echo.log'),
  );
  new Pinned(loadCore, ['iperf3', '-s', '-B', '127.0.0.1', '-p', String(ports.iperf)], join(folder, 'iperf3.log'));
  const configuration = join(folder, 'upstream.conf');
  writeFileSync(
    configuration,
    `worker_processes 1; daemon off; pid ${folder}/upstream.pid; error_log ${folder}/upstream-error.log crit;
events { worker_connections 16000; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s;
  server { listen 127.0.0.1:${ports.http} backlog=4096; location / { return 200 "this is upstream\\n"; } } }
`,
  );
  new Pinned(loadCore, ['nginx', '-c', configuration], join(folder, 'upstream.log'));
  for (const port of Object.values(ports)) await until(() => accepts('127.0.0.1', port), `an upstream on port ${port}`);
}

export async function freePorts(): Promise<Ports> {
  return { http: await freePort(), iperf: await freePort(), echo: await freePort() };
}

/** Starts a proxy afresh and answers when its ports do. */
export async function startProxy(name: ProxyName, plan: Plan): Promise<Candidate & { end(): Promise<void> }> {
  const address = addresses[name];
  if (name === 'direct') return { name, address, pid: null, cores: 0, end: async () => {} };
  const folder = join(plan.folder, name);
  mkdirSync(folder, { recursive: true });
  const process = await starters[name](plan, address, folder);
  for (const port of Object.values(plan.ports)) {
    await until(() => {
      if (process.ended) throw new Error(`${name} ended:\n${process.text().slice(-2000)}`);
      return accepts(address, port);
    }, `${name} on port ${port}`);
  }
  const cores = furtherNames.some((further) => further === name) ? 2 : 1;
  return { name, address, pid: process.pid, cores, end: () => process.end() };
}

const bothCores = `${proxyCore},${loadCore}`;

type Start = (plan: Plan, address: string, folder: string) => Promise<Pinned>;

const starters: Record<Exclude<ProxyName, 'direct'>, Start> = {
  'sluice-linux': (_plan, address, folder) => startSluice('linux', address, folder),
  'sluice-node': (_plan, address, folder) => startSluice('node', address, folder),
  'sluice-two-cores': (_plan, address, folder) => startSluice('linux', address, folder, { cores: bothCores }),
  'sluice-two-workers': (_plan, address, folder) =>
    startSluice('linux', address, folder, { cores: bothCores, workers: 2 }),
  async haproxy({ ports }, address, folder) {
    const configuration = join(folder, 'haproxy.cfg');
    const listeners = Object.entries(ports).map(
      ([name, port]) => `listen ${name}\n  bind ${address}:${port} backlog 4096\n  server one 127.0.0.1:${port}\n`,
    );
    writeFileSync(
      configuration,
      // 6,000: HAProxy wants three descriptors a session and refuses to start above the limit.
      `global\n  nbthread 1\n  maxconn 6000\ndefaults\n  mode tcp\n  option splice-auto\n  timeout connect 5s\n` +
        `  timeout client 1h\n  timeout server 1h\n${listeners.join('')}`,
    );
    return new Pinned(proxyCore, ['haproxy', '-db', '-f', configuration], join(folder, 'log'));
  },
  async nginx({ ports }, address, folder) {
    const configuration = join(folder, 'nginx.conf');
    const servers = Object.values(ports).map(
      (port) => `server { listen ${address}:${port} backlog=4096; proxy_pass 127.0.0.1:${port}; proxy_timeout 1h; }`,
    );
    writeFileSync(
      configuration,
      `include /etc/nginx/modules-enabled/*.conf;\nworker_processes 1; daemon off; pid ${folder}/nginx.pid;\n` +
        `error_log ${folder}/error.log crit;\nevents { worker_connections 16000; }\n` +
        `stream { access_log off;\n${servers.join('\n')}\n}\n`,
    );
    return new Pinned(proxyCore, ['nginx', '-c', configuration], join(folder, 'log'));
  },
};
