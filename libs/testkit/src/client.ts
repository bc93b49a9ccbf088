// A TCP client for tests: what it received, and how it ended, as things to wait for.
import { connect, type Socket } from 'node:net';
import { until } from './condition.ts';

export class TestClient {
  readonly socket: Socket;
  received = '';
  ended = false;
  closed = false;
  errno = '';

  /** `from`: the local address, where it matters. */
  constructor(host: string, port: number, from?: string) {
    this.socket = connect({ host, port, noDelay: true, localAddress: from });
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text) => (this.received += text));
    this.socket.on('end', () => (this.ended = true));
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.errno = error.code ?? 'unknown'));
  }

  async until(text: string | RegExp): Promise<string> {
    await until(() => {
      const found = typeof text === 'string' ? this.received.includes(text) : text.test(this.received);
      if (!found && this.closed) throw new Error(`closed (${this.errno}) before ${text}; got: ${this.received}`);
      return found;
    }, `${text} from the connection`);
    return this.received;
  }

  /** Sends a line and waits for its echo. */
  async echo(line: string): Promise<void> {
    const at = this.received.length;
    this.socket.write(`${line}\n`);
    await until(() => {
      if (this.closed) throw new Error(`closed (${this.errno}) before the echo of ${line}`);
      return this.received.slice(at).includes(`${line}\n`);
    }, `the echo of ${line}`);
  }

  async close(): Promise<void> {
    this.socket.end();
    await until(() => this.closed, 'the close of a connection');
  }

  async gone(): Promise<void> {
    await until(() => this.closed, 'the end of a connection');
  }
}
