import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeRabbitmq, openRabbitmq } from '../../../src/ingestion/rabbitmq/connection.ts';
import { declareQueue, type QueueType } from '../../../src/ingestion/rabbitmq/queues.ts';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { expectHonestBooks, sentBy } from '../../support/answers/books.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makeDatabase, type OwnDatabase } from '../../support/database/database.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { type Publisher, startPublisher } from '../../support/service/honest-publisher.ts';
import { note, secondsSince, servedAgain } from '../../support/service/recovery.ts';
import { startServiceProcess } from '../../support/service/service-process.ts';
import { skipUnless } from '../../support/skip-unless.ts';
import { hasRabbitmqServer, makeRabbitmq, type OwnRabbitmq } from './own-rabbitmq.ts';

const patience = { timeout: 2 * MINUTE, interval: 100 };
const newDirectory = useDirectories();

describe('under load on a broker', {
  ...skipUnless(hasRabbitmqServer, 'needs rabbitmq-server'),
  timeout: 8 * MINUTE,
}, () => {
  // Each test, and each retry of one, starts with a new broker and database.
  let database: OwnDatabase;
  let broker: OwnRabbitmq;
  let everyone: Publisher[] = [];
  let ends: (() => Promise<unknown>)[] = [];
  let seed = 0;
  beforeEach(async () => {
    [everyone, ends] = [[], []];
    database = await makeDatabase();
    ends.push(database.drop);
    broker = await makeRabbitmq(await newDirectory());
    await broker.start();
    ends.push(() => broker.kill());
  });
  afterEach(async () => {
    await Promise.all(everyone.map((publisher) => publisher.stop().catch(() => {})));
    for (const end of ends.reverse()) await end();
  });

  /** Starts a process that rolls up and reads this queue or stream. */
  const startReader = async (name: string, type: QueueType) => {
    const reader = await startServiceProcess(await newDirectory(), {
      DATABASE_URL: database.url,
      RABBITMQ_URL: broker.url,
      RABBITMQ_STREAM: name,
      RABBITMQ_QUEUE_TYPE: type,
      ROLLUP_INTERVAL: '100ms',
      LOG_LEVEL: 'warn',
    });
    ends.push(reader.stop);
    return reader;
  };
  const declare = async (name: string, type: QueueType) => {
    const connection = openRabbitmq({ url: broker.url, name: 'tidemark fault test', log: silentLog });
    await declareQueue(connection, { name, type });
    await closeRabbitmq(connection);
  };
  const publish = (...queues: string[]): Publisher => {
    const publisher = startPublisher({ seed: ++seed, url: broker.url, queues });
    everyone.push(publisher);
    return publisher;
  };
  const totals = async () => {
    const { rows } = await database.pool.query<{ events: number; duplicates: number }>(
      `select (select count(*)::int from analytics.events) as events, sum(duplicates)::int as duplicates
         from analytics.ingestion_batches`,
    );
    return rows[0] ?? { events: 0, duplicates: 0 };
  };
  /** Returns once all that was acknowledged until now is stored. */
  const stored = async () => {
    const acknowledged = [...sentBy(everyone).acknowledged];
    const missing = async () => {
      const { rows } = await database.pool.query<{ count: number }>(
        `select count(distinct event_id)::int as count from analytics.events where event_id = any($1::uuid[])`,
        [acknowledged],
      );
      return acknowledged.length - (rows[0]?.count ?? 0);
    };
    await expect
      .poll(missing, patience)
      .toBe(0)
      .catch(async (error) => {
        throw new Error(`${error.message}; the broker has:\n${await broker.queues()}`, { cause: error });
      });
  };
  const settle = async (publishers: readonly Publisher[]) => {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
    await stored();
    const sent = sentBy(everyone);
    expect(await expectHonestBooks(database.pool, sent)).toBe(sent.acknowledged.size);
  };

  test('nothing is lost when the broker is killed or short of disk', async (context) => {
    for (const type of ['stream', 'quorum'] as const) {
      await declare(type, type);
      await startReader(type, type);
    }
    const publishers = [publish('stream'), publish('quorum')];
    await servedAgain(publishers, performance.now());
    await stored();
    await broker.kill();
    await sleep(SECOND);
    await broker.start();
    const back = performance.now();
    await servedAgain(publishers, back);
    const taken = secondsSince(back);
    await stored();
    note(context, `the broker killed: it takes messages after ${taken}, stored after ${secondsSince(back)}`);

    await broker.alarm(true);
    await sleep(SECOND / 2);
    const blocked = performance.now();
    await sleep(3 * SECOND);
    expect(publishers.filter(({ lastSuccess }) => lastSuccess > blocked)).toEqual([]);
    await stored();
    await broker.alarm(false);
    const over = performance.now();
    await servedAgain(publishers, over);
    await stored();
    note(
      context,
      `the broker short of disk: publishers are served, and all is stored after ${secondsSince(over)}`,
    );
    await settle(publishers);
  });

  test('two consumers that receive the same messages count each once', async () => {
    const names = ['twin-1', 'twin-2'];
    for (const name of names) {
      await declare(name, 'quorum');
      await startReader(name, 'quorum');
    }
    const before = await totals();
    const publisher = publish(...names);
    await expect.poll(() => publisher.acknowledged.size, patience).toBeGreaterThan(2_000);
    await settle([publisher]);
    // Everything that one consumer stored reached the other as a duplicate.
    await expect
      .poll(async () => (await totals()).duplicates - before.duplicates, patience)
      .toBeGreaterThanOrEqual(publisher.acknowledged.size);
  });
});
