import type { Pool } from 'pg';
import type { Connection } from 'rabbitmq-client';
import { SECOND, sleep } from '../../time.ts';
import { storedOffset } from '../stream-progress.ts';
import { closeChannel } from './connection.ts';
import { countMessages, type RabbitmqSource } from './queues.ts';

/** The newest messages of a stream arrive at once. After this time, the stream has none. */
const MAX_WAIT = 2 * SECOND;
/** The broker sends the newest messages together, as it wrote them: after the first, the others come within this time. */
const CHUNK_WAIT = SECOND / 10;
const MAX_CHUNK = 10_000;

/** The messages that wait to be stored: of a queue those not delivered, of a stream those past the stored offset. */
export async function measureBacklog(
  connection: Connection,
  { name, type }: RabbitmqSource,
  pool: Pool,
): Promise<number> {
  if (type === 'quorum') return countMessages(connection, name);
  const last = await lastOffset(connection, name);
  return last === undefined ? 0 : Math.max(0, last - (await storedOffset(pool, name)));
}

/**
 * The offset of the newest message of a stream; `undefined` when it has none. AMQP 0-9-1 has no request for it, so this
 * reads the newest messages. The count of messages is late, and is wrong once old messages were removed.
 */
export async function lastOffset(connection: Connection, stream: string): Promise<number | undefined> {
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  const begun = new AbortController();
  let newest: number | undefined;
  channel.on('error', () => begun.abort());
  channel.once('close', () => begun.abort());
  try {
    await channel.basicQos({ prefetchCount: MAX_CHUNK });
    await channel.basicConsume({ queue: stream, arguments: { 'x-stream-offset': 'last' } }, ({ headers }) => {
      newest = Number(headers?.['x-stream-offset']);
      begun.abort();
    });
    await sleep(MAX_WAIT, begun.signal);
    if (newest !== undefined) await sleep(CHUNK_WAIT);
    return newest;
  } finally {
    await closeChannel(channel);
  }
}
