// One place that makes Redis clients: commands fail at once while Redis is away, and the client connects again by itself.
import { Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { redisFault } from './fault.ts';

/** Time for the TCP and TLS handshakes. */
const CONNECT_TIMEOUT_MS = 3_000;

/** First and longest pause between two tries to connect. */
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/** A checkpoint of a large state takes a second or two on a slow link; nothing else takes long. */
const COMMAND_TIMEOUT_MS = 15_000;

/** A peer that vanished without a word is noticed by keep-alive probes. */
const KEEP_ALIVE_MS = 10_000;

function optionsFor(address: RedisAddress, name: string): RedisOptions {
  return {
    ...address.options,
    connectionName: `sluice-${name}`,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    retryStrategy: (times) => Math.min(MIN_RETRY_MS * 2 ** Math.min(times - 1, 10), MAX_RETRY_MS),
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
  });
  // Every failure also fails the command that waits; an 'error' event without a listener would end the process.
  client.on('error', () => {});
  return client;
}

/** As BullMQ wants it: its commands wait for a connection for as long as it takes. */
export function connectForQueue(address: RedisAddress, name: string): Redis {
  const client = new Redis({ ...optionsFor(address, name), maxRetriesPerRequest: null });
  client.on('error', () => {});
  return client;
}

/** Waits for the first connection, or says why there is none. Later ones are made in the background. */
export async function connected(client: Redis, address: RedisAddress): Promise<void> {
  if (client.status === 'ready') return;
  let last: Error | undefined;
  const note = (error: Error) => {
    last = error;
  };
  client.on('error', note);
  try {
    if (client.status === 'wait') await client.connect();
    else if (client.status === 'connecting' || client.status === 'connect') await firstOutcome(client);
    else throw new Error('no connection');
  } catch (error) {
    throw redisFault(last ?? error, address.name);
  } finally {
    client.off('error', note);
  }
}

function firstOutcome(client: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const ready = () => {
      client.off('close', closed);
      resolve();
    };
    const closed = () => {
      client.off('ready', ready);
      reject(new Error('the connection was closed'));
    };
    client.once('ready', ready);
    client.once('close', closed);
  });
}
