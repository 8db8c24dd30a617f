import { afterEach, describe, expect, inject, test } from 'vitest';
import { SECOND } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { eachOnce, type Reader, startReader, totalsOf, useQueue } from '../../support/servers/rabbitmq.ts';
import { openProxy } from '../../support/servers/tcp-proxy.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const patience = { timeout: 30 * SECOND, interval: 50 };
const RABBITMQ_PORT = 5672;

function usages(count: number) {
  return Array.from({ length: count }, () => makeUsage());
}

describe('a quorum queue', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
  const database = useDatabase();
  const queue = useQueue('quorum');
  const readers: Reader[] = [];
  const start = (options: Parameters<typeof startReader>[2] = {}) => {
    const reader = startReader(database, queue, options);
    readers.push(reader);
    return reader;
  };
  const newTotals = async () => {
    const before = await totalsOf(database);
    return async () => {
      const after = await totalsOf(database);
      return Object.fromEntries(
        Object.entries(after).map(([name, count]) => [name, count - before[name as keyof typeof before]]),
      );
    };
  };

  afterEach(async () => {
    for (const reader of readers.splice(0)) await reader.stop();
    expect((await queue.connection.queueDeclare({ queue: queue.name, passive: true })).messageCount).toBe(0);
  });

  test('is read by several consumers, and each message is stored once', async () => {
    const since = await newTotals();
    const shared = [start({ env: { RABBITMQ_PREFETCH: '50' } }), start({ env: { RABBITMQ_PREFETCH: '50' } })];
    await expect
      .poll(() => Promise.all(shared.map((one) => one.metric('state{state="reading"}'))), patience)
      .toEqual([1, 1]);
    await queue.publish(usages(2_000));
    await expect.poll(since, patience).toEqual(eachOnce(2_000));
    for (const reader of shared) expect(await reader.metric('ack_delay_seconds_count')).toBeGreaterThan(0);
  });

  test('delivers both forms of an event, one or many a message, with the correlation id of the message', async () => {
    const since = await newTotals();
    const camel = makeUsage();
    const snake = {
      event_id: 'snake-1',
      org_id: 'acme',
      model_id: 'gpt-4o',
      occurred_at: new Date().toISOString(),
      latency_ms: 12.5,
      status: 'success',
      error_code: '',
      input_tokens: 3,
      output_tokens: 4,
      cost_estimate: 0.0125,
      metadata: { some_key: 'kept' },
    };
    await queue.publish([[camel, { ...snake, correlation_id: 'own' }]], { correlationId: 'story-1' });
    await queue.publish([Buffer.from(JSON.stringify({ ...snake, event_id: 'snake-2' }))], {
      correlationId: 'story-2',
    });
    start();
    await expect.poll(since, patience).toEqual(eachOnce(3));
    const { rows } = await database.pool.query(
      `select correlation_id, cost, value, attributes from analytics.events
       where event_id = $1 or attributes ->> 'eventId' like 'snake-%' order by correlation_id`,
      [camel.eventId],
    );
    expect(rows).toMatchObject([
      {
        correlation_id: 'own',
        cost: 125_000,
        value: 12_500,
        attributes: { eventId: 'snake-1', metadata: { some_key: 'kept' } },
      },
      { correlation_id: 'story-1', cost: Math.round(camel.costEstimateCents * 10_000_000) },
      { correlation_id: 'story-2', cost: 125_000, value: 12_500 },
    ]);
  });

  test('redelivers committed messages that were not acknowledged, which count once', async () => {
    const since = await newTotals();
    const way = await openProxy(inject('rabbitmqUrl') ?? '', RABBITMQ_PORT);
    const reader = start({ rabbitmqUrl: way.url });
    await expect.poll(() => reader.metric('state{state="reading"}'), patience).toBe(1);
    way.silenceClients();
    await queue.publish(usages(100));
    await expect.poll(since, patience).toEqual(eachOnce(100));
    way.cut();
    await expect.poll(since, patience).toEqual({ ...eachOnce(100), received: 200, duplicates: 100 });
    await reader.stop();
    readers.splice(0);
    await way.close();
  });

  test('is left alone by a consumer that expects a stream', async () => {
    const reader = startReader(database, { ...queue, type: 'stream', connection: queue.connection });
    await queue.publish(usages(1));
    await expect
      .poll(() => reader.log(), patience)
      .toContain('is not a stream; set RABBITMQ_QUEUE_TYPE to its type');
    await expect(reader.check()).rejects.toThrow('no events are read');
    await reader.stop();
    const { messageCount } = await queue.connection.queueDeclare({ queue: queue.name, passive: true });
    expect(messageCount).toBe(1);
    await queue.connection.queuePurge({ queue: queue.name });
  });
});
