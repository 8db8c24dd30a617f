import { type Channel, Connection } from 'rabbitmq-client';
import type { Log } from '../../telemetry/log.ts';
import { SECOND, sleep } from '../../time.ts';

interface ConnectionUse {
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  log: Log;
}

/** What a URL without a user stands for (AMQP URI specification, "Handling of absent components"). */
const DEFAULT_USER = 'guest';
/** Headers must fit into one frame, and this is what brokers allow unless told otherwise. */
const FRAME_BYTES = 131_072;
/** Time a channel or connection has to end in order. */
const PATIENCE = 2 * SECOND;

function withUser(url: string): string {
  const parsed = new URL(url);
  if (parsed.username !== '') return url;
  parsed.username = DEFAULT_USER;
  parsed.password = DEFAULT_USER;
  return parsed.href;
}

/**
 * A connection to RabbitMQ that comes back by itself, trying again after half a second at first and ten seconds
 * at most. A broker that no longer answers counts as gone within half a minute.
 */
export function openRabbitmq({ url, name, log }: ConnectionUse): Connection {
  const connection = new Connection({
    url: withUser(url),
    connectionName: name,
    heartbeat: 15,
    frameMax: FRAME_BYTES,
    acquireTimeout: 5 * SECOND,
    connectionTimeout: 5 * SECOND,
    retryLow: SECOND / 2,
    retryHigh: 10 * SECOND,
  });
  let away = false;
  connection.on('connection', () => {
    if (away) log.info({}, 'RabbitMQ is back');
    away = false;
  });
  connection.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'RabbitMQ is away; connecting again');
    away = true;
  });
  return connection;
}

/**
 * Ends a channel. The client waits without end for the answer of a broker that goes away at that very moment: one
 * that does not answer in time is left to the connection.
 */
export function closeChannel(channel: Channel): Promise<void> {
  return inOrder(channel.close());
}

/** Ends a connection whose channels are closed. One that is away, or does not answer, is cut. */
export async function closeRabbitmq(connection: Connection): Promise<void> {
  if (connection.ready) await inOrder(connection.close());
  connection.unsafeDestroy();
}

/** Returns when it has ended, or when it has had its time. */
async function inOrder(ending: Promise<void>): Promise<void> {
  const ended = new AbortController();
  void ending.catch(() => {}).then(() => ended.abort());
  await sleep(PATIENCE, ended.signal);
}
