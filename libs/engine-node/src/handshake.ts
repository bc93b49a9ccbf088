// One TLS handshake at a held end: it ends in an end whose bytes are the payload, or in none. Never without a deadline.
import type { TLSSocket } from 'node:tls';
import type { EngineError, Result, Secured } from '@sluice/engine';
import { refusalOf } from './client-certificate.ts';
import { deadline } from './deadline.ts';
import { EndedTls } from './ended-tls.ts';
import { Held, resetSocket } from './held.ts';
import type { NodeTlsContext } from './tls-context.ts';

interface Ended {
  readonly held: Held;
  readonly secured: Secured;
}

export class Handshake {
  readonly #before: Held;
  readonly #context: NodeTlsContext;
  readonly #deadlineMs: number;
  readonly #done: (result: Result<Ended>) => void;
  #callOff = () => {};
  #finished = false;

  constructor(before: Held, context: NodeTlsContext, deadlineMs: number, done: (result: Result<Ended>) => void) {
    this.#before = before;
    this.#context = context;
    this.#deadlineMs = deadlineMs;
    this.#done = done;
  }

  start(): void {
    const { socket, broken, ended } = this.#before;
    this.#callOff = deadline(this.#deadlineMs, () =>
      this.#fail('timeout', `no handshake within ${this.#deadlineMs} ms`),
    );
    if (broken || ended) return queueMicrotask(() => this.#fail('reset', 'the client left'));
    const head = this.#before.takeHead();
    if (head.length > 0) socket.unshift(head);
    const { secure, terms } = this.#context;
    const options = {
      isServer: true,
      secureContext: secure,
      requestCert: terms.clients !== 'none',
      rejectUnauthorized: terms.clients === 'required',
    };
    const tls = new EndedTls(socket, options, () => this.#fail('reset', 'the client left'));
    tls.on('secure', () => this.#judge(tls));
    tls.on('error', (error) => this.#broke(error));
    tls.on('close', () => this.#closed());
  }

  /** By order: whoever aborts it closes the end. */
  abort(): void {
    this.#settle({ ok: false, error: { code: 'aborted', message: 'given up' } });
  }

  #judge(tls: EndedTls): void {
    let refusal: string | undefined;
    try {
      refusal = refusalOfClient(tls, this.#context);
    } catch {
      // Any stranger's certificate may come here: nothing in it may end the thread.
      refusal = 'the certificate of the client cannot be read';
    }
    if (refusal !== undefined) return this.#fail('tls', refusal);
    const held = new Held(tls, this.#before.socket);
    const { standardName } = tls.getCipher();
    const secured = { version: tls.getProtocol() ?? '', cipher: standardName, resumed: tls.isSessionReused() };
    this.#settle({ ok: true, value: { held, secured } });
  }

  #broke(error: NodeJS.ErrnoException): void {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.#fail('reset', 'the client left');
    else this.#fail('tls', (error as { reason?: string }).reason ?? error.message);
  }

  /** Node closes without a word where a certificate is required and none came. */
  #closed(): void {
    const left = this.#before.socket.readableEnded || this.#before.broken;
    this.#fail(left ? 'reset' : 'tls', left ? 'the client left' : 'the client has no certificate');
  }

  #fail(code: EngineError['code'], message: string): void {
    if (this.#finished) return;
    const { socket } = this.#before;
    if (code === 'tls') socket.destroySoon();
    else resetSocket(socket);
    this.#settle({ ok: false, error: { code, message } });
  }

  #settle(result: Result<Ended>): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#callOff();
    this.#before.handshake = null;
    this.#done(result);
  }
}

function refusalOfClient(tls: EndedTls, { terms }: NodeTlsContext): string | undefined {
  if (terms.clients === 'none') return undefined;
  const certificate = tls.getPeerX509Certificate();
  if (certificate === undefined) return terms.clients === 'required' ? 'the client has no certificate' : undefined;
  // What Node's own tls.Server asks: OpenSSL's verdict, which Node lets pass while the handshake runs.
  const verdict = terms.verifiesClients ? (tls as unknown as Verifying).ssl.verifyError() : null;
  if (verdict) return `the certificate of the client is refused: ${verdict.code ?? verdict.message}`;
  return refusalOf(certificate, terms);
}

type Verifying = TLSSocket & { readonly ssl: { verifyError(): NodeJS.ErrnoException | null } };
