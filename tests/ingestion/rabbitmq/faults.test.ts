import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { QueueType } from '../../../src/ingestion/rabbitmq/queues.ts';
import { SECOND, sleep } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { type Reader, startReader, totalsOf, useQueue } from '../../support/servers/rabbitmq.ts';
import { openProxy } from '../../support/servers/tcp-proxy.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const patience = { timeout: 40 * SECOND, interval: 50 };

function usages(count: number) {
  return Array.from({ length: count }, () => makeUsage());
}

/** Publishes until told to stop, and returns the number of messages. */
function publishSteadily(publish: (count: number) => Promise<void>) {
  let published = 0;
  let going = true;
  const work = (async () => {
    while (going) {
      await publish(50);
      published += 50;
      await sleep(20);
    }
  })();
  return async () => {
    going = false;
    await work;
    return published;
  };
}

describe.each<QueueType>(['stream', 'quorum'])('with a %s', (type) => {
  describe(
    'under load, nothing is lost or stored twice when',
    skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'),
    () => {
      const database = useDatabase();
      const queue = useQueue(type);
      let stored = 0;
      let reader: Reader | undefined;
      const publish = (count: number) => queue.publish(usages(count));
      const allStored = async (published: number) => {
        stored += published;
        await expect
          .poll(async () => {
            const { stored, events, conflicts, rejected } = await totalsOf(database);
            return { stored, events, conflicts, rejected };
          }, patience)
          .toEqual({ stored, events: stored, conflicts: 0, rejected: 0 });
        const { received, duplicates } = await totalsOf(database);
        expect(received).toBe(stored + duplicates);
        // A queue may redeliver committed messages that were not acknowledged. A stream is read from the
        // stored offset.
        if (type === 'stream') expect(duplicates).toBe(0);
      };

      afterEach(() => reader?.stop());

      test('every connection to the database is cut again and again', async () => {
        reader = startReader(database, queue);
        const stop = publishSteadily(publish);
        for (let round = 0; round < 20; round++) {
          await sleep(Math.random() * 200);
          await database.pool.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`,
            [`tidemark reader of ${queue.name}`],
          );
        }
        await allStored(await stop());
      });

      test('every connection to the broker is cut again and again', async () => {
        const way = await openProxy(inject('rabbitmqUrl') ?? '', 5672);
        onTestFinished(way.close);
        const started = startReader(database, queue, { rabbitmqUrl: way.url });
        reader = started;
        const stop = publishSteadily(publish);
        for (let round = 0; round < 4; round++) {
          await expect.poll(() => started.metric('state{state="reading"}'), patience).toBe(1);
          await sleep(Math.random() * 500);
          way.cut();
        }
        await allStored(await stop());
      });

      test('the broker is away, which readiness reports', async () => {
        const way = await openProxy(inject('rabbitmqUrl') ?? '', 5672);
        onTestFinished(way.close);
        way.refuse(true);
        const started = startReader(database, queue, { rabbitmqUrl: way.url });
        reader = started;
        const stop = publishSteadily(publish);
        await expect(started.check()).rejects.toThrow('no events are read');
        way.refuse(false);
        await expect
          .poll(
            () =>
              started.check().then(
                () => 'ready',
                () => 'not',
              ),
            patience,
          )
          .toBe('ready');
        way.refuse(true);
        way.cut();
        await expect.poll(() => started.metric('state{state="away"}'), patience).toBe(1);
        way.refuse(false);
        await allStored(await stop());
      });

      test('the database is away and messages stay with the broker until it is back', async () => {
        const way = await openProxy(database.url, 5432);
        onTestFinished(way.close);
        const started = startReader(database, queue, {
          databaseUrl: way.url,
          env: { RABBITMQ_PREFETCH: '100' },
        });
        reader = started;
        await publish(10);
        await allStored(10);
        const stop = publishSteadily(publish);
        way.refuse(true);
        way.cut();
        await expect.poll(() => started.metric('state{state="paused"}'), patience).toBe(1);
        await expect.poll(() => started.metric('held_messages'), patience).toBe(100);
        await sleep(SECOND);
        expect(await started.metric('held_messages')).toBe(100);
        way.refuse(false);
        await allStored(await stop());
        // Events can be read a moment before their messages are acknowledged.
        await expect.poll(() => started.metric('held_messages'), patience).toBe(0);
      });

      test('the service is stopped while the broker or the database is away', async () => {
        for (const [url, port, option] of [
          [inject('rabbitmqUrl') ?? '', 5672, 'rabbitmqUrl'],
          [database.url, 5432, 'databaseUrl'],
        ] as const) {
          const way = await openProxy(url, port);
          const stopped = startReader(database, queue, { [option]: way.url });
          await sleep(200);
          way.refuse(true);
          way.cut();
          await publish(10);
          await sleep(500);
          await stopped.stop();
          await way.close();
        }
        reader = startReader(database, queue);
        await allStored(20);
      });
    },
  );
});
