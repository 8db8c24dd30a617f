import { type Channel, Connection } from 'rabbitmq-client';
import type { Log } from '../../telemetry/log.ts';
import { SECOND, sleep } from '../../time.ts';

interface ConnectionUse {
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  log: Log;
}

/** The user of a URL without one (AMQP URI specification, "Handling of absent components"). */
const DEFAULT_USER = 'guest';
/** The default limit of brokers. The headers of a message must fit into one frame. */
const FRAME_BYTES = 131_072;
/** How long a channel or connection may take to close. */
const CLOSE_TIMEOUT = 2 * SECOND;

function withUser(url: string): string {
  const parsed = new URL(url);
  if (parsed.username !== '') return url;
  parsed.username = DEFAULT_USER;
  parsed.password = DEFAULT_USER;
  return parsed.href;
}

/**
 * Opens a connection to RabbitMQ that reconnects by itself, first after half a second, and after ten seconds at most.
 * A broker that no longer answers counts as down within half a minute.
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
  let isDown = false;
  connection.on('connection', () => {
    if (isDown) log.info({}, 'RabbitMQ is reachable again');
    isDown = false;
  });
  connection.on('error', (error) => {
    if (!isDown) log.warn({ err: error }, 'RabbitMQ cannot be reached; trying again');
    isDown = true;
  });
  return connection;
}

/**
 * Closes a channel. The client would wait forever for a broker that goes down at that moment. So this stops waiting
 * after a while and leaves the channel to the connection.
 */
export function closeChannel(channel: Channel): Promise<void> {
  return withinTimeout(channel.close());
}

/** Closes a connection whose channels are closed; destroys it if the broker is down or does not answer. */
export async function closeRabbitmq(connection: Connection): Promise<void> {
  if (connection.ready) await withinTimeout(connection.close());
  connection.unsafeDestroy();
}

/** Resolves when it has closed, or after `CLOSE_TIMEOUT`. */
async function withinTimeout(closing: Promise<void>): Promise<void> {
  const ended = new AbortController();
  void closing.catch(() => {}).then(() => ended.abort());
  await sleep(CLOSE_TIMEOUT, ended.signal);
}
