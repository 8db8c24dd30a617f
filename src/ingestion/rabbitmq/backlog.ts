import type { Pool } from 'pg';
import type { Connection } from 'rabbitmq-client';
import { SECOND, sleep } from '../../time.ts';
import { storedOffset } from '../stream-progress.ts';
import { closeChannel } from './connection.ts';
import { countMessages, type RabbitmqSource } from './queues.ts';

/** The newest messages of a stream are there at once, or it has none. */
const PATIENCE = 2 * SECOND;
/** They come together, as the broker has written them. */
const TOGETHER = SECOND / 10;
const MOST_TOGETHER = 10_000;

/** Messages that wait to be stored: those of a queue that are not handed out, of a stream those past its offset. */
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
 * The offset of the newest message of a stream, `undefined` when it has none. AMQP 0-9-1 has no question for it,
 * and the count of messages comes late and is off once old ones were removed, so the newest are looked at.
 */
export async function lastOffset(connection: Connection, stream: string): Promise<number | undefined> {
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  const begun = new AbortController();
  let newest: number | undefined;
  channel.on('error', () => begun.abort());
  channel.once('close', () => begun.abort());
  try {
    await channel.basicQos({ prefetchCount: MOST_TOGETHER });
    await channel.basicConsume({ queue: stream, arguments: { 'x-stream-offset': 'last' } }, ({ headers }) => {
      newest = Number(headers?.['x-stream-offset']);
      begun.abort();
    });
    await sleep(PATIENCE, begun.signal);
    if (newest !== undefined) await sleep(TOGETHER);
    return newest;
  } finally {
    await closeChannel(channel);
  }
}
