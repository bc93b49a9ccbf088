// TLS passed through by server name, PROXY headers in and out, policies, and unix endpoints, over real processes.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { connect, createServer as createTlsServer } from 'node:tls';
import { skip, TestClient, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('passthrough');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const system = hasOpenssl ? await startSystem() : null;
if (system === null) skip(test, 'TLS passthrough', 'no redis-server or no openssl on PATH');
else withSystem(system);

/** A key pair and a certificate of its own for the names, made for this run. */
function certificate(folder: string, name: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', cert, '-subj', `/CN=${name}`],
  ]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

function withSystem(system: System): void {
  let acceptor: RunningAcceptor;
  const ports: Record<string, number> = {};
  const servers: { close(): void }[] = [];

  test.before(async () => {
    await system.configService();
    acceptor = await system.acceptor({ SLUICE_PROXY_FROM: '127.9.0.0/16' });
    for (const name of ['alpha', 'beta', 'any']) {
      const server = createTlsServer(certificate(system.folder, name), (socket) => socket.end(name)).listen(
        0,
        '127.0.0.1',
      );
      server.on('tlsClientError', () => {});
      await once(server, 'listening');
      ports[name] = (server.address() as AddressInfo).port;
      servers.push(server);
    }
    // Tells what it got before the client's first line.
    const heard = createServer((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.endsWith('done\n')) socket.end(text);
      });
      socket.on('error', () => {});
    });
    heard.listen(0, '127.0.0.1');
    await once(heard, 'listening');
    ports.heard = (heard.address() as AddressInfo).port;
    servers.push(heard);
    const unix = createServer((socket) => socket.end('unix')).listen(join(system.folder, 'up.sock'));
    await once(unix, 'listening');
    servers.push(unix);
    await system.publish(system.write('passthrough.yaml', resources(ports, join(system.folder, 'up.sock'))));
  });
  test.after(async () => {
    for (const server of servers) server.close();
    await system.close();
  });

  /** What the TLS server says that a name leads to; the error's code where the connection is refused. */
  const ask = async (servername: string): Promise<string> => {
    const socket = connect({ host: acceptor.bind, port: 8443, servername, rejectUnauthorized: false });
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    const error = once(socket, 'error').then(([cause]) => (cause as NodeJS.ErrnoException).code ?? 'error');
    return Promise.race([once(socket, 'end').then(() => text), error]);
  };

  test('a name leads to its own endpoint: exact, then the longest suffix, then none', async () => {
    assert.is(await ask('alpha.example.com'), 'alpha');
    assert.is(await ask('ALPHA.example.com'), 'alpha');
    assert.is(await ask('beta.example.com'), 'beta');
    assert.is(await ask('deep.below.example.com'), 'beta');
    assert.is(await ask('elsewhere.test'), 'ECONNRESET');
    const refused = await acceptor.process.event('session', (fields) => fields.sni === 'elsewhere.test');
    assert.equal([refused.reason, refused.flag], ['no-route', 'NR']);
    const served = await acceptor.process.event('session', (fields) => fields.sni === 'alpha.example.com');
    assert.is(served.cluster, `outbound|${ports.alpha}||alpha.test`);
  });

  test('a ClientHello in pieces is waited for, and bytes that are none are not', async () => {
    const slow = acceptor.client(8443);
    slow.socket.write(Buffer.from([22, 3]));
    const plain = acceptor.client(8443);
    plain.socket.write('GET / HTTP/1.1\r\n\r\n');
    await plain.gone();
    assert.not(slow.closed);
    slow.socket.destroy();
  });

  test('a PROXY header is required and believed from where it is trusted, and sent on where asked for', async () => {
    const trusted = new TestClient(acceptor.bind, 7001, '127.9.0.1');
    trusted.socket.write('PROXY TCP4 203.0.113.7 192.0.2.1 4242 443\r\nhello\ndone\n');
    await trusted.until('done\n');
    assert.is(
      trusted.received,
      'PROXY TCP4 203.0.113.7 127.9.0.1 4242 7001\r\nhello\ndone\n'.replace('127.9.0.1', acceptor.bind),
    );
    const bare = new TestClient(acceptor.bind, 7001, '127.9.0.1');
    bare.socket.write('hello\ndone\n');
    await bare.gone();
    assert.is(bare.received, '');
    const untrusted = acceptor.client(7001);
    untrusted.socket.write('PROXY TCP4 203.0.113.7 192.0.2.1 4242 443\r\ndone\n');
    await untrusted.until('443\r\ndone\n');
    assert.match(untrusted.received, /^PROXY TCP4 127\.\S+ 127\.\S+ \d+ 7001\r\nPROXY TCP4 203/);
  });

  test('a policy closes whom it denies, by the address a trusted PROXY header gave', async () => {
    const denied = new TestClient(acceptor.bind, 7001, '127.9.0.1');
    denied.socket.write('PROXY TCP4 198.51.100.9 192.0.2.1 4242 443\r\nhello\ndone\n');
    await denied.gone();
    const refused = await acceptor.process.event('session', (fields) => fields.reason === 'denied');
    assert.is(refused.policy, 'istio-system/no-test-net');
  });

  test('an endpoint on a unix socket, and one that is down beside one that is up', async () => {
    const unix = acceptor.client(7002);
    await until(() => unix.ended, 'the end of the unix endpoint');
    assert.is(unix.received, 'unix');
    for (let i = 0; i < 4; i++) {
      const client = acceptor.client(7003);
      client.socket.write('done\n');
      await client.until('done\n');
    }
    const retried = await acceptor.process.event('session', (fields) => fields.attempts === 2);
    assert.is(retried.connectError, 'refused');
  });
}

function resources(ports: Record<string, number>, socket: string): string {
  const gateway = (name: string, port: number, protocol: string, tls: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec:
  selector: { istio: ingressgateway }
  servers:
  - port: { number: ${port}, name: ${name}, protocol: ${protocol} }
    hosts: ["*"]
    ${tls}
---`;
  const entry = (name: string, port: number, addresses: string[]) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.test]
  location: MESH_EXTERNAL
  resolution: STATIC
  addresses: [192.0.2.10]
  ports: [{ number: ${port}, name: tcp, protocol: TCP }]
  endpoints:
  ${addresses.map((address) => `- { address: "${address}" }`).join('\n  ')}
---`;
  const tcp = (name: string, host: string, port: number) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: ["*"]
  gateways: [${name}]
  tcp:
  - route: [{ destination: { host: ${host}.test, port: { number: ${port} } } }]
---`;
  const rule = (sni: string, name: string) => `
  - match: [{ port: 8443, sniHosts: ["${sni}"] }]
    route: [{ destination: { host: ${name}.test, port: { number: ${ports[name]} } } }]`;
  return `${gateway('tls', 8443, 'TLS', 'tls: { mode: PASSTHROUGH }')}${gateway('heard', 7001, 'TCP', '')}${gateway('unix', 7002, 'TCP', '')}${gateway('half', 7003, 'TCP', '')}
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: tls }
spec:
  hosts: ["*.example.com"]
  gateways: [tls]
  tls:${rule('*.example.com', 'beta')}${rule('alpha.example.com', 'alpha')}
---${tcp('heard', 'heard', ports.heard)}${tcp('unix', 'unix', 80)}${tcp('half', 'half', ports.heard)}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: heard }
spec:
  host: heard.test
  trafficPolicy: { proxyProtocol: { version: V1 } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: half }
spec:
  host: half.test
  trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-test-net, namespace: istio-system }
spec:
  action: DENY
  rules:
  - from: [{ source: { remoteIpBlocks: [198.51.100.0/24] } }]
---${['alpha', 'beta'].map((name) => entry(name, ports[name], ['127.0.0.1'])).join('')}${entry('heard', ports.heard, ['127.0.0.1'])}${entry('half', ports.heard, ['127.0.0.1', '127.0.0.99'])}${entry('unix', 80, [`unix://${socket}`])}
`;
}

test.run();
