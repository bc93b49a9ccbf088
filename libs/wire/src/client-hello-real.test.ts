// ClientHellos as clients on this machine send them: Node's own TLS, and openssl(1) where there is one.
// Those of other versions are in corpus/client-hello, which fuzz.test.ts goes through.
import { execFileSync, spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClientHelloVerdict, inspectClientHello } from './client-hello.ts';

const test = suite('real client hellos');
const NAME = 'tcp-echo.example.com';

/** What the parser says of the first client to come, and whether it said the same at every beginning. */
async function verdictOf(dial: (port: number) => () => void): Promise<ClientHelloVerdict> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  let bytes = Buffer.alloc(0);
  const server = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    const judge = (ended: boolean): void => {
      if (inspectClientHello(bytes, ended).kind === 'need-more') return;
      resolve(bytes);
      socket.destroy();
    };
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      judge(false);
    });
    socket.on('end', () => judge(true));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const stop = dial((server.address() as { port: number }).port);
  const seen = await promise;
  stop();
  await new Promise((done) => server.close(done));
  for (let size = 0; size < seen.length; size++) {
    assert.is(inspectClientHello(seen.subarray(0, size), false).kind, 'need-more', `at ${size} of ${seen.length}`);
  }
  return inspectClientHello(seen, false);
}

function nodeClient(options: { servername?: string; ALPNProtocols?: string[]; maxVersion?: 'TLSv1.2' }) {
  return (port: number): (() => void) => {
    const socket = connect({ port, host: '127.0.0.1', ...options });
    socket.on('error', () => socket.destroy());
    return () => socket.destroy();
  };
}

test("Node's TLS client, with and without name and protocols", async () => {
  const named = await verdictOf(nodeClient({ servername: NAME, ALPNProtocols: ['h2', 'http/1.1'] }));
  assert.is(named.kind === 'done' && named.hello.serverName, NAME);
  assert.equal(named.kind === 'done' && named.hello.alpn, ['h2', 'http/1.1']);
  assert.is(named.kind === 'done' && named.hello.maxVersion, 0x0304);
  const old = await verdictOf(nodeClient({ maxVersion: 'TLSv1.2' }));
  assert.is(old.kind === 'done' && old.hello.serverName, null);
  assert.is(old.kind === 'done' && old.hello.maxVersion, 0x0303);
});

test(`openssl s_client${hasOpenssl() ? '' : ' (skipped: no openssl on the path)'}`, async () => {
  if (!hasOpenssl()) return;
  const verdict = await verdictOf((port) => {
    const address = ['-connect', `127.0.0.1:${port}`];
    const client = spawn('openssl', ['s_client', ...address, '-servername', NAME, '-alpn', 'postgresql'], {
      stdio: 'ignore',
    });
    return () => client.kill();
  });
  assert.is(verdict.kind === 'done' && verdict.hello.serverName, NAME);
  assert.equal(verdict.kind === 'done' && verdict.hello.alpn, ['postgresql']);
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.run();
