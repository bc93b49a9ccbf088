// The clients of a chaos run: some connect, look where they landed and leave, all the time; others stay and echo.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@sluice/testkit';
import type { Place } from './chaos-place.ts';
import type { Violations } from './chaos-violations.ts';
import { ports } from './system.ts';

/** At once, at each acceptor; enough to be in every worker, few enough for two cores. */
const echoing = 15;
const connecting = 2;

/** A connect or an answer that takes longer has failed. Far beyond what a loaded machine needs. */
const answerMs = 20_000;

/** Sessions leave after at most so many rounds, so that new ones begin under every version. */
const rounds = 200;
const maxChunkBytes = 64 * 1024;

/** Between two rounds, at the most: the load must leave the machine time for the accidents. */
const thinkMs = 40;

const greeting = /^Running on Pod tcp-echo-v[12]-pod\.\nWith IP address [\d.]+\.\n/;

export class Load {
  readonly #places: readonly Place[];
  readonly #random: Random;
  readonly #violations: Violations;
  readonly #running: Promise<void>[] = [];
  #stopped = false;
  #connects = 0;
  #sessions = 0;
  #bytes = 0;

  constructor(places: readonly Place[], random: Random, violations: Violations) {
    this.#places = places;
    this.#random = random;
    this.#violations = violations;
  }

  start(): void {
    for (const place of this.#places) {
      for (let i = 0; i < echoing; i++) this.#running.push(this.#repeat(place, (client) => this.#echo(client)));
      for (let i = 0; i < connecting; i++)
        this.#running.push(
          this.#repeat(place, async () => {
            this.#connects++;
            await delay(this.#random.whole(0, thinkMs));
          }),
        );
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  told(): string {
    const megabytes = (this.#bytes / 1e6).toFixed(1);
    return `${this.#connects} connects, ${this.#sessions} sessions that echoed ${megabytes} MB`;
  }

  async #repeat(place: Place, work: (client: Client) => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      if (place.isDown) {
        await delay(thinkMs);
        continue;
      }
      const { cuts, acceptor } = place;
      const client = new Client(acceptor.bind, this.#random.pick([ports.v1, ports.v2]));
      try {
        await client.until((_length, text) => greeting.test(text()));
        await work(client);
        await client.leave();
      } catch (cause) {
        client.socket.destroy();
        if (place.cuts === cuts) this.#violations.add(`a client of ${acceptor.id}: ${(cause as Error).message}`);
      }
    }
  }

  /** Sends chunks of any size and wants each back as it was. */
  async #echo(client: Client): Promise<void> {
    this.#sessions++;
    const left = this.#random.whole(1, rounds);
    for (let round = 0; round < left && !this.#stopped; round++) {
      const bytes = Buffer.alloc(this.#random.whole(1, this.#random.pick([100, 100, 4_000, maxChunkBytes])));
      for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + round) & 0xff;
      client.socket.write(bytes);
      const back = await client.until((length) => length >= bytes.length);
      if (!back.equals(bytes)) throw new Error(`round ${round}: other bytes than were sent`);
      this.#bytes += bytes.length;
      await delay(this.#random.whole(0, thinkMs));
    }
  }
}

class Client {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #errno = '';
  #changed = Promise.withResolvers<void>();

  constructor(host: string, port: number) {
    this.socket = connect({ host, port, noDelay: true });
    this.socket.setTimeout(answerMs, () => this.socket.destroy(new Error(`silent for ${answerMs / 1000} s`)));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.#errno = error.code ?? error.message));
    this.socket.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#length += bytes.length;
      this.#changed.resolve();
    });
    for (const event of ['end', 'close']) this.socket.on(event, () => this.#changed.resolve());
  }

  /** All bytes since the last call, once they fit. Rejects where the connection ends before. */
  async until(fits: (length: number, text: () => string) => boolean): Promise<Buffer> {
    for (;;) {
      if (fits(this.#length, () => Buffer.concat(this.#chunks).toString())) break;
      if (this.socket.destroyed || this.socket.readableEnded)
        throw new Error(`ended (${this.#errno || 'closed'}) after ${this.#length} bytes of an answer`);
      await this.#changed.promise;
      this.#changed = Promise.withResolvers();
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    return all;
  }

  async leave(): Promise<void> {
    const closed = once(this.socket, 'close').catch(() => {});
    this.socket.end();
    if (!this.socket.closed) await closed;
  }
}
