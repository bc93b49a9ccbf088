// One place that makes Redis clients: commands fail at once while Redis is away, and the client connects again by itself.
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { type StoreFault, storeFault } from '../store-fault.ts';
import type { RedisAddress } from './address.ts';
import { isNotHere, redisFault } from './fault.ts';

/** Time for the TCP and TLS handshakes, and for finding the primary among several servers. */
const CONNECT_TIMEOUT_MS = 3_000;

/** A Sentinel whose host is gone must leave time for another one. */
const SENTINEL_TIMEOUT_MS = 1_000;

/**
 * The same for a process that somebody waits for, and that gives up after it: where many of them start at once on few cores,
 * a handshake takes seconds, and none of it is the store's fault. A refused connection is told at once all the same.
 */
const PUBLISHER_CONNECT_TIMEOUT_MS = 10_000;

/** First and longest pause between two tries to connect; a random part of it keeps a hundred acceptors from coming at once. */
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/** A checkpoint of a large state takes a second or two on a slow link; nothing else takes long. */
const COMMAND_TIMEOUT_MS = 15_000;

/** A server that vanished without a word: no answer for so long and the connection is given up. BullMQ blocks for 5 s. */
const SILENCE_MS = 20_000;

/** How long a closed connection may take to go; ioredis keeps the process alive for it even where it is gone already. */
const GOING_MS = 200;

/** A peer that vanished without a word is noticed by keep-alive probes. */
const KEEP_ALIVE_MS = 10_000;

function retryPause(times: number): number {
  const pauseMs = Math.min(MIN_RETRY_MS * 2 ** Math.min(times - 1, 10), MAX_RETRY_MS);
  return Math.round(pauseMs * (0.75 + Math.random() / 4));
}

function connectTimeoutMs(role: string): number {
  return role === 'publisher' ? PUBLISHER_CONNECT_TIMEOUT_MS : CONNECT_TIMEOUT_MS;
}

function optionsFor(address: RedisAddress, name: string): RedisOptions {
  return {
    ...address.options,
    connectionName: `sluice-${name}`,
    // Its commands are unknown before Redis 7.2, and denied to our users after.
    disableClientInfo: true,
    lazyConnect: true,
    connectTimeout: connectTimeoutMs(name),
    disconnectTimeout: GOING_MS,
    keepAlive: KEEP_ALIVE_MS,
    retryStrategy: retryPause,
    ...(address.kind === 'sentinel' ? { failoverDetector: true, sentinelRetryStrategy: retryPause } : {}),
    ...(address.kind === 'sentinel' ? { sentinelReconnectStrategy: retryPause } : {}),
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
  };
}

/** For commands that are answered at once. `failed` gets connection errors, which come again and again while it is away. */
export function connectForCommands(address: RedisAddress, name: string, failed: (error: Error) => void): Redis {
  const client = new Redis({
    ...optionsFor(address, name),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    reconnectOnError: (error) => address.kind !== 'single' && isNotHere(error),
  });
  client.on('error', failed);
  return client;
}

/** For blocking reads: without a limit on how long a command may take. */
export function connectForWaiting(address: RedisAddress, name: string): Redis {
  const client = new Redis({
    ...optionsFor(address, name),
    enableOfflineQueue: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    ...(address.kind === 'sentinel' ? { sentinelRetryStrategy: () => null } : {}),
  });
  // Every failure also fails the command that waits; an 'error' event without a listener would end the process.
  client.on('error', () => {});
  return client;
}

/** As BullMQ's worker wants it: its commands wait for a connection for as long as it takes, and are sent again on it. */
export function connectForQueue(address: RedisAddress, name: string): Redis {
  const client = new Redis({
    ...optionsFor(address, name),
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: true,
    socketTimeout: SILENCE_MS,
    reconnectOnError: (error) => (address.kind !== 'single' && isNotHere(error) ? 2 : false),
  });
  client.on('error', () => {});
  return client;
}

/**
 * True where a command can be sent. A client whose connection has broken is called ready until the event loop has come to tell
 * it, or, where it breaks a connection off itself, until the other end has answered.
 */
export function isConnected(client: Redis): boolean {
  return client.status === 'ready' && client.stream.writable;
}

/** Waits for the first connection, or says why there is none. Later ones are made in the background. */
export async function connected(client: Redis, address: RedisAddress, role: string): Promise<void> {
  const limitMs = connectTimeoutMs(role);
  if (isConnected(client)) return;
  let last: Error | undefined;
  let ofSentinels: Error | undefined;
  const note = (error: Error) => {
    last = error;
  };
  const noteSentinel = (error: Error) => {
    ofSentinels = error;
  };
  client.on('error', note);
  client.on('sentinelError', noteSentinel);
  const ending = new AbortController();
  try {
    const late = delay(limitMs, undefined, { signal: ending.signal }).then(() => {
      throw new Error(`no connection within ${limitMs / 1000} s`);
    });
    await Promise.race([connection(client, address, ending.signal), late]);
  } catch (error) {
    const reason = last?.message.startsWith('All sentinels') || last === undefined ? ofSentinels : undefined;
    throw hinted(redisFault(reason ?? last ?? error, address), address);
  } finally {
    ending.abort();
    client.off('error', note);
    client.off('sentinelError', noteSentinel);
  }
}

/**
 * A TLS 1.3 server that refuses our certificate may say so, or just be gone: its alert gets lost where it resets. And a server
 * without TLS waits for the rest of what it cannot understand.
 */
function hinted(fault: StoreFault, { options }: RedisAddress): StoreFault {
  if (fault.code !== 'away' || options.tls === undefined || / E[A-Z]+REFUSED| ENOTFOUND/.test(fault.message))
    return fault;
  const hint = 'it may not speak TLS on this port, or not take our client certificate, or the lack of one';
  return storeFault('away', `${fault.message}: ${hint}`);
}

async function connection(client: Redis, { kind }: RedisAddress, signal: AbortSignal): Promise<void> {
  if (client.status === 'wait') return client.connect();
  // Where another server may take over it is worth a moment's wait.
  const patient = kind !== 'single' && client.status !== 'end';
  if (patient) return untilReady(client, 'end', signal);
  if (['connecting', 'connect', 'ready'].includes(client.status)) return untilReady(client, 'close', signal);
  // Whoever asks again at once must not keep the event loop from making one.
  await turn();
  throw new Error('no connection');
}

function untilReady(client: Redis, failure: 'end' | 'close', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      client.off('ready', ready);
      client.off(failure, failed);
      signal.removeEventListener('abort', failed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const ready = () => settle();
    const failed = () => settle(new Error('the connection was closed'));
    client.once('ready', ready);
    client.once(failure, failed);
    signal.addEventListener('abort', failed, { once: true });
  });
}
