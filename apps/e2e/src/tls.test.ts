// TLS ended at the edge over real processes: modes, names, certificates that change, and what goes wrong.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { makeAuthority, makeCertificate, type Pair, skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RunningAcceptor, System } from './system.ts';
import { LastingClient, realHello, say, sendRaw } from './tls-clients.ts';
import { edge, listenerEdge, secret } from './tls-resources.ts';

const test = suite('ending TLS');
const port = 8443;
if (spawnSync('openssl', ['version']).status === 0) withSystem(new System(null));
else skip(test, 'ending TLS', 'no openssl on PATH');

function withSystem(system: System): void {
  let acceptor: RunningAcceptor;
  const servers: { close(): void }[] = [];
  const at = (name: string): Pair => ({
    cert: join(system.folder, `${name}.crt`),
    key: join(system.folder, `${name}.key`),
  });
  const read = ({ cert, key }: Pair) => ({ cert: readFileSync(cert), key: readFileSync(key) });
  let authority: Pair;
  let resources = '';
  let echoPort = 0;
  let connections: () => Promise<number>;
  const told = () => acceptor.process.events().filter(({ event }) => event === 'session');
  const session = (fits: (fields: Record<string, unknown>) => boolean) => acceptor.process.event('session', fits);
  const sessions = async () => JSON.parse((await acceptor.get('/sessions')).text).sessions as Record<string, unknown>[];

  test.before(async () => {
    acceptor = await system.acceptor({ SLUICE_PROXY_FROM: '127.9.0.0/16' });
    authority = makeAuthority(system.folder, 'authority');
    const stranger = makeAuthority(system.folder, 'strangers');
    for (const name of ['one', 'two', 'next', 'passed'])
      makeCertificate(system.folder, name, authority, [`DNS:${name}.example.com`]);
    makeCertificate(system.folder, 'client', authority, ['DNS:client.example.com']);
    makeCertificate(system.folder, 'stranger', stranger, ['DNS:client.example.com']);
    copyFileSync(at('one').cert, join(system.folder, 'file.crt'));
    copyFileSync(at('one').key, join(system.folder, 'file.key'));
    // Gives back what it gets, and ends when the other side has.
    const echo = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('end', () => socket.end('.'));
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    const passed = createTlsServer(read(at('passed')), (socket) => socket.end('passed')).listen(0, '127.0.0.1');
    passed.on('tlsClientError', () => {});
    servers.push(echo, passed);
    connections = () => new Promise((resolve) => echo.getConnections((_error, count) => resolve(count)));
    await Promise.all([once(echo, 'listening'), once(passed, 'listening')]);
    const portOf = (server: typeof echo) => (server.address() as AddressInfo).port;
    echoPort = portOf(echo);
    resources = edge({ folder: system.folder, echo: echoPort, passed: portOf(passed) });
    const secrets = [secret('one', at('one')), secret('two', at('two')), secret('mutual', at('one'), authority.cert)];
    await system.publish(system.write('edge.yaml', [resources, ...secrets].join('---\n')));
  });
  test.after(async () => {
    for (const server of servers) server.close();
    await system.close();
  });

  test('a listener of the Gateway API ends TLS with the Secret beside it, and with a new one after a change', async () => {
    const own = (pair: Pair) => secret('beside', pair, undefined, 'default');
    await system.publish(
      system.write(
        'listener.yaml',
        [listenerEdge(8444, 'one.example.com', 'beside', echoPort), own(at('one'))].join('---\n'),
      ),
    );
    assert.equal(await say(acceptor, 8444, 'one.example.com'), { text: 'hello.', certificate: 'one', error: '' });
    await system.publish(system.write('listener-next.yaml', own(at('next'))));
    assert.is((await say(acceptor, 8444, 'one.example.com')).certificate, 'next');
  });

  test('two names of one port get their own certificates, a third passes through, each on its engine', async () => {
    assert.equal(await say(acceptor, port, 'one.example.com'), { text: 'hello.', certificate: 'one', error: '' });
    assert.equal(await say(acceptor, port, 'two.example.com'), { text: 'hello.', certificate: 'two', error: '' });
    assert.equal(await say(acceptor, port, 'passed.example.com'), { text: 'passed', certificate: 'passed', error: '' });
    const ended = await session(({ sni }) => sni === 'one.example.com');
    assert.equal([ended.tls, ended.bytesReceived, ended.bytesSent, ended.reason], ['TLSv1.3', 5, 6, 'closed']);
    assert.is((await session(({ sni }) => sni === 'passed.example.com')).tls, undefined);
    const lasting = [
      new LastingClient(acceptor, port, 'one.example.com'),
      new LastingClient(acceptor, port, 'passed.example.com'),
    ];
    await until(async () => (await sessions()).length > 0, 'a session');
    const own = JSON.parse((await acceptor.get('/version')).text).engine;
    await until(
      async () => (await sessions()).some(({ tls, engine }) => tls === 'TLSv1.3' && engine === 'node'),
      'a session on engine-node',
    );
    assert.ok(
      (await sessions()).every(({ tls, engine }) =>
        tls === '' ? engine === own || engine === 'node' : engine === 'node',
      ),
    );
    for (const { socket } of lasting) socket.destroy();
    const metrics = (await acceptor.get('/metrics')).text;
    assert.ok(Number(/^sluice_tls_handshakes_total\{[^}]*\} (\d+)/m.exec(metrics)?.[1]) >= 2);
  });

  test('openssl s_client verifies the chain, and speaks to the endpoint', async () => {
    const names = ['-servername', 'two.example.com', '-verify_hostname', 'two.example.com'];
    const trust = ['-CAfile', authority.cert, '-verify_return_error', '-ign_eof'];
    const client = spawn('openssl', ['s_client', '-connect', `${acceptor.bind}:${port}`, ...names, ...trust]);
    let output = '';
    client.stdout.on('data', (chunk) => (output += chunk));
    await until(() => output.includes('Verify return code'), 'the handshake');
    assert.match(output, 'Verify return code: 0 (ok)');
    client.stdin.write('from openssl\n');
    await until(() => output.includes('from openssl'), 'the echo');
    client.kill();
    await once(client, 'close');
  });

  test('mutual TLS takes its own clients only, and optional TLS those without a certificate too', async () => {
    const [client, stranger] = [read(at('client')), read(at('stranger'))];
    assert.is((await say(acceptor, port, 'mutual.example.com', client)).text, 'hello.');
    assert.is((await say(acceptor, port, 'mutual.example.com')).text, '');
    assert.is((await say(acceptor, port, 'mutual.example.com', stranger)).text, '');
    const refused = await session(
      ({ sni, tlsError }) => sni === 'mutual.example.com' && /refused/.test(String(tlsError)),
    );
    assert.is(refused.reason, 'handshake-failed');
    assert.is((await say(acceptor, port, 'optional.example.com')).text, 'hello.');
    assert.is((await say(acceptor, port, 'optional.example.com', client)).text, 'hello.');
    assert.is((await say(acceptor, port, 'optional.example.com', stranger)).text, '');
    assert.is((await say(acceptor, port, 'file.example.com', client)).text, 'hello.');
    assert.is((await say(acceptor, port, 'file.example.com')).text, '');
  });

  test('a session that was begun under one name is not continued under another', async () => {
    const first = new LastingClient(acceptor, port, 'one.example.com');
    const [ticket] = (await once(first.socket, 'session')) as [Buffer];
    first.socket.destroy();
    const heard = await say(acceptor, port, 'mutual.example.com', { session: ticket });
    assert.is(heard.text, '');
  });

  test('a PROXY header before the handshake is taken off', async () => {
    const plain = connect({ host: acceptor.bind, port, localAddress: '127.9.0.1' });
    plain.write('PROXY TCP4 203.0.113.7 192.0.2.1 4242 443\r\n');
    assert.is((await say(acceptor, port, 'one.example.com', { socket: plain })).text, 'hello.');
    assert.is((await session(({ source }) => source === '203.0.113.7:4242')).tls, 'TLSv1.3');
  });

  test('fifty handshakes at once, garbage, and one that never ends', async () => {
    const silent = sendRaw(acceptor, port, await realHello('one.example.com'));
    const heard = await Promise.all(Array.from({ length: 50 }, () => say(acceptor, port, 'one.example.com')));
    assert.ok(heard.every(({ text, error }) => text === 'hello.' && error === ''));
    const hello = await realHello('two.example.com');
    await sendRaw(acceptor, port, Buffer.concat([hello, Buffer.alloc(2000, 'garbage')]));
    const failed = await session(({ sni, reason }) => sni === 'two.example.com' && reason === 'handshake-failed');
    assert.match(String(failed.tlsError), /./);
    await silent;
    const late = await session(({ reason }) => reason === 'handshake-timeout');
    assert.ok(Number(late.durationMs) >= 14_900);
  });

  test('a certificate is replaced under sessions that go on', async () => {
    const lasting = new LastingClient(acceptor, port, 'two.example.com');
    lasting.socket.write('before ');
    await until(() => lasting.received === 'before ', 'the echo');
    await system.publish(system.write('next.yaml', secret('two', at('next'))));
    assert.is((await say(acceptor, port, 'two.example.com')).certificate, 'next');
    lasting.socket.write('after');
    await until(() => lasting.received === 'before after', 'the echo of a session with the old certificate');
    assert.is(lasting.socket.getPeerCertificate().subject.CN, 'two');
    lasting.socket.end();
    await until(() => lasting.closed, 'the end');
  });

  test('a key that does not fit is refused by the acceptor, and the version in force stays', async () => {
    const bad = system.write('bad.yaml', secret('two', { cert: at('two').cert, key: at('one').key }));
    await system.adminJson('publish', bad);
    const refused = await acceptor.process.event('refused');
    assert.match(String(refused.error), /private key does not fit the certificate/);
    assert.is((await say(acceptor, port, 'two.example.com')).certificate, 'next');
    await system.publish(system.write('next.yaml', secret('two', at('two'))));
    assert.is((await say(acceptor, port, 'two.example.com')).certificate, 'two');
  });

  test('a certificate in a file is read again when the file changes', async () => {
    assert.is((await say(acceptor, port, 'file.example.com', read(at('client')))).certificate, 'one');
    copyFileSync(at('next').key, join(system.folder, 'file.key'));
    copyFileSync(at('next').cert, join(system.folder, 'file.crt'));
    await acceptor.process.event('certificates-changed');
    await until(
      async () => (await say(acceptor, port, 'file.example.com', read(at('client')))).certificate === 'next',
      'the new certificate',
    );
  });

  test('no private key is shown: not by the acceptor, the log, nor the command line', async () => {
    const keys = ['one', 'two', 'next'].map((name) => readFileSync(at(name).key, 'utf8').split('\n')[1]!);
    const encoded = ['one', 'two', 'next'].map((name) => readFileSync(at(name).key).toString('base64').slice(0, 60));
    const { head } = await system.status();
    const shown = await Promise.all([
      ...['/config_dump', '/version', '/sessions', '/metrics'].map(async (path) => (await acceptor.get(path)).text),
      ...[
        ['show', String(head)],
        ['show', '1'],
        ['diff', '1', '2'],
        ['history'],
        ['blame', 'Secret', 'istio-system/two'],
        ['explain', '--port', String(port), '--sni', 'one.example.com'],
      ].flatMap((args) =>
        [[], ['--json']].map(async (more) => {
          const { stdout, stderr } = await system.admin(...args, ...more);
          return `${args.join(' ')} ${stdout} ${stderr}`;
        }),
      ),
      Promise.resolve(JSON.stringify(acceptor.process.events())),
    ]);
    for (const text of shown)
      for (const key of [...keys, ...encoded]) assert.not(text.includes(key), `a key is shown: ${text.slice(0, 200)}`);
    assert.match(shown[0]!, /"subject":"CN=one"/);
  });

  test('a worker that dies takes its sessions only; the next handshake is taken', async () => {
    const lasting = Array.from({ length: 6 }, () => new LastingClient(acceptor, port, 'one.example.com'));
    for (const { socket } of lasting) socket.write('x');
    await until(() => lasting.every(({ received }) => received === 'x'), 'the echoes');
    await acceptor.get('/faults/throw?worker=0', { method: 'POST' });
    await acceptor.process.event('worker-died');
    await until(() => lasting.some(({ closed }) => closed), 'the sessions of the dead');
    assert.ok(
      lasting.some(({ closed }) => !closed),
      'sessions of another worker end with it',
    );
    assert.is((await say(acceptor, port, 'one.example.com')).text, 'hello.');
    for (const { socket } of lasting) socket.destroy();
    // A descriptor that nobody closed would keep its connection to the endpoint.
    await until(async () => (await connections()) === 0, 'the last connection to the endpoint').catch(async (cause) => {
      throw new Error(`${cause.message}; sessions: ${JSON.stringify(await sessions())}`);
    });
  });

  test('sessions with TLS ended are ended by order, and by a drain', async () => {
    const lasting = new LastingClient(acceptor, port, 'one.example.com');
    lasting.socket.write('x');
    await until(() => lasting.received === 'x', 'the echo');
    await acceptor.get('/sessions?listener=0.0.0.0_8443', { method: 'DELETE' });
    await until(() => lasting.closed, 'the end by order');
    assert.is(await acceptor.process.end(), 0);
    assert.ok(told().every(({ reason }) => typeof reason === 'string'));
  });

  test.run();
}
