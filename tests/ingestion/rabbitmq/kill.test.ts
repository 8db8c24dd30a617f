import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { QueueType } from '../../../src/ingestion/rabbitmq/queues.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { eachOnce, totalsOf, useQueue } from '../../support/servers/rabbitmq.ts';
import { startServiceProcess } from '../../support/service/service-process.ts';
import { skipUnless } from '../../support/skip-unless.ts';

/** Number of kills of a service. `KILL_ROUNDS=20` for the full run. */
const rounds = Number(process.env.KILL_ROUNDS ?? 3);
const patience = { timeout: 40 * SECOND, interval: 50 };
const newDirectory = useDirectories();

describe.each<QueueType>(['stream', 'quorum'])('of a %s', (type) => {
  describe(
    'two services, one of which is killed at any moment',
    skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'),
    () => {
      const database = useDatabase();
      const queue = useQueue(type);

      test('store every message once', { timeout: 60 * SECOND + rounds * 30 * SECOND }, async () => {
        const dataDir = await newDirectory();
        const env = {
          DATABASE_URL: database.url,
          RABBITMQ_URL: inject('rabbitmqUrl') ?? '',
          RABBITMQ_STREAM: queue.name,
          RABBITMQ_QUEUE_TYPE: type,
          RABBITMQ_PREFETCH: '400',
          ROLES: 'ingest,worker',
          LOG_LEVEL: 'warn',
        };
        const services = await Promise.all([
          startServiceProcess(dataDir, env),
          startServiceProcess(dataDir, env),
        ]);
        onTestFinished(async () => void (await Promise.all(services.map((service) => service.stop()))));
        let published = 0;
        let publishing = true;
        const publisher = (async () => {
          while (publishing) {
            await queue.publish(Array.from({ length: 100 }, () => makeUsage()));
            published += 100;
            await sleep(50);
          }
        })();
        for (let round = 0; round < rounds; round++) {
          await sleep(200 + Math.random() * 1_500);
          const victim = round % services.length;
          await services[victim]?.kill();
          services[victim] = await startServiceProcess(dataDir, env);
          const before = await totalsOf(database);
          await expect
            .poll(async () => (await totalsOf(database)).stored, patience)
            .toBeGreaterThan(before.stored);
        }
        publishing = false;
        await publisher;

        await expect.poll(async () => (await totalsOf(database)).stored, patience).toBe(published);
        await expect
          .poll(() => queue.connection.queueDeclare({ queue: queue.name, passive: true }), patience)
          .toMatchObject(type === 'stream' ? {} : { messageCount: 0 });
        const { duplicates, ...totals } = await totalsOf(database);
        expect(totals).toMatchObject({
          received: published + duplicates,
          stored: published,
          events: published,
          rejected: 0,
        });
        // A stream is read from the stored offset, so that no message comes again.
        if (type === 'stream') expect({ duplicates, ...totals }).toEqual(eachOnce(published));

        const waiting = () =>
          database.pool
            .query(
              'select count(*)::int as waiting from analytics.ingestion_batches where rolled_up_at is null',
            )
            .then(({ rows }) => rows[0]?.waiting);
        await expect.poll(waiting, patience).toBe(0);
        expect((await reconcile(database.pool)).drifts).toEqual([]);
      });
    },
  );
});
