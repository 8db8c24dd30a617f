import { afterEach, describe, expect, inject, test } from 'vitest';
import { lastOffset } from '../../../src/ingestion/rabbitmq/backlog.ts';
import { declareQueue } from '../../../src/ingestion/rabbitmq/queues.ts';
import { storedOffset } from '../../../src/ingestion/stream-progress.ts';
import { SECOND, sleep } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { eachOnce, type Reader, startReader, totalsOf, useQueue } from '../../support/servers/rabbitmq.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const patience = { timeout: 30 * SECOND, interval: 50 };

function usages(count: number) {
  return Array.from({ length: count }, () => makeUsage());
}

describe('a stream', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
  const database = useDatabase();
  const stream = useQueue('stream');
  let published = 0;
  const readers: Reader[] = [];

  const publish = async (count: number) => {
    await stream.publish(usages(count));
    published += count;
  };
  const start = (
    ...options: Parameters<typeof startReader> extends [unknown, unknown, ...infer Rest] ? Rest : never
  ) => {
    const reader = startReader(database, stream, ...options);
    readers.push(reader);
    return reader;
  };
  const allStoredOnce = () => expect.poll(() => totalsOf(database), patience).toEqual(eachOnce(published));

  afterEach(async () => {
    for (const reader of readers.splice(0)) await reader.stop();
  });

  test('is read from its beginning, and its offset is stored with its events', async () => {
    await publish(500);
    start();
    await allStoredOnce();
    const { rows } = await database.pool.query(
      `select stored_offset, (select max(stream_offset) from analytics.ingestion_batches b where b.stream = s.stream) as of_batches
       from analytics.streams s where stream = $1`,
      [stream.name],
    );
    expect(rows).toEqual([{ stored_offset: published - 1, of_batches: published - 1 }]);
  });

  test('is read on exactly where a stopped reader left it', async () => {
    start({ env: { INGESTION_BATCH_SIZE: '100' } });
    await publish(1_000);
    await readers.splice(0)[0]?.stop();
    const { received } = await totalsOf(database);
    await publish(300);
    start();
    await allStoredOnce();
    expect(received).toBeLessThan(published);
  });

  test('lets go of a reader that is stopped at any moment', async () => {
    for (let moment = 0; moment < 60; moment += 6) {
      const reader = startReader(database, stream);
      await sleep(moment);
      await reader.stop();
    }
    await publish(10);
    start();
    await allStoredOnce();
  });

  test('has one reader at a time, and another takes over when that one stops', async () => {
    const [first, second] = [start(), start()];
    await expect
      .poll(async () => Promise.all([first, second].map((reader) => reader.metric('state{state="standby"}'))))
      .toContain(1);
    await publish(200);
    await allStoredOnce();
    const standby = (await first.metric('state{state="standby"}')) === 1 ? first : second;
    const reading = standby === first ? second : first;
    await reading.stop();
    readers.splice(readers.indexOf(reading), 1);
    await publish(200);
    await allStoredOnce();
    expect(await standby.metric('state{state="reading"}')).toBe(1);
  });

  test('is not stored twice by a reader that has lost it without knowing', async () => {
    start();
    await publish(100);
    await allStoredOnce();
    // Admits the second reader while the first still reads.
    for (let round = 0; round < 5; round++) {
      await database.pool.query(`update analytics.streams set reader_until = '-infinity', reader = ''`);
      start();
      await publish(300);
      await sleep(200);
    }
    await allStoredOnce();
  });

  test('that lost messages before they were read goes on with the rest', async () => {
    const small: Record<string, string | number> = {
      'x-queue-type': 'stream',
      'x-max-length-bytes': 60_000,
      'x-stream-max-segment-size-bytes': 20_000,
    };
    await stream.connection.queueDelete({ queue: stream.name });
    await stream.connection.queueDeclare({ queue: stream.name, durable: true, arguments: small });
    await database.pool.query(
      'truncate analytics.streams, analytics.ingestion_batches, analytics.events, analytics.event_keys',
    );
    published = 0;
    await publish(100);
    const reader = start();
    await allStoredOnce();
    await reader.stop();
    readers.splice(0);
    for (let round = 0; round < 10; round++) await publish(100);
    const next = start();
    const last = await lastOffset(stream.connection, stream.name);
    await expect.poll(() => storedOffset(database.pool, stream.name), patience).toBe(last);
    const totals = await totalsOf(database);
    expect(totals).toEqual(eachOnce(totals.events));
    expect(totals.events).toBeLessThan(published);
    expect(next.log()).toContain('the broker removed messages before they were read');
  });

  test('that was deleted and created again is noticed, and read from its beginning', async () => {
    await stream.connection.queueDelete({ queue: stream.name });
    await declareQueue(stream.connection, stream);
    const { events } = await totalsOf(database);
    await stream.publish(usages(50));
    start();
    await expect.poll(() => totalsOf(database), patience).toEqual(eachOnce(events + 50));
  });
});
