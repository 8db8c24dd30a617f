import { setTimeout } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MINUTE } from '../../src/time.ts';
import { allRolledUp, expectHonestBooks, sentBy } from '../support/answers/books.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { useQueue } from '../support/servers/rabbitmq.ts';
import { type Publisher, startPublisher } from '../support/service/honest-publisher.ts';
import { type Sender, startSender } from '../support/service/honest-sender.ts';
import { noteRecovery, servedAgain } from '../support/service/recovery.ts';
import { tokenOf } from '../support/service/service.ts';
import { type ServiceProcess, startServiceProcess } from '../support/service/service-process.ts';
import { skipUnless } from '../support/skip-unless.ts';

const patience = { timeout: 2 * MINUTE, interval: 50 };
const newDirectory = useDirectories();
const SCHEDULED = [
  'alert-retention',
  'forget-sessions',
  'forget-spans',
  'reconcile',
  'retention',
  'roll-up-daily',
  'roll-up-hourly',
  'roll-up-weekly',
  'summarize-events',
];

describe(
  'processes of one role each, on one database',
  skipUnless(inject('rabbitmqUrl') && inject('redisUrl'), 'needs RabbitMQ and Redis'),
  () => {
    const database = useDatabase();
    const queue = useQueue('quorum');
    const processes = new Map<string, ServiceProcess>();
    const everyone: (Sender | Publisher)[] = [];
    let token = '';
    let dataDir = '';

    const start = async (name: string): Promise<ServiceProcess> => {
      const started = await startServiceProcess(dataDir, {
        DATABASE_URL: `${database.url}?application_name=${name}`,
        REDIS_URL: inject('redisUrl') ?? '',
        RABBITMQ_URL: inject('rabbitmqUrl') ?? '',
        RABBITMQ_STREAM: queue.name,
        RABBITMQ_QUEUE_TYPE: 'quorum',
        ROLES: name.replace(/-\d$/, ''),
      });
      processes.set(name, started);
      return started;
    };
    const processOf = (name: string): ServiceProcess => {
      const found = processes.get(name);
      if (!found) throw new Error(`${name} does not run`);
      return found;
    };
    /** Sends through both ingest processes in turn, until stopped. */
    const sendFor = (orgId: string) => {
      let turn = 0;
      const sender = startSender({
        seed: everyone.length,
        origin: () => processOf(`ingest-${(turn++ % 2) + 1}`).origin,
        token,
        persistent: true,
        // Lasts through a restart of every process on a slow machine; the end compares all that was sent.
        pause: 20,
        shape: (event) => ({ ...event, orgId }),
      });
      everyone.push(sender);
      return sender;
    };
    const publish = () => {
      const publisher = startPublisher({
        seed: everyone.length,
        url: inject('rabbitmqUrl') ?? '',
        queues: [queue.name],
      });
      everyone.push(publisher);
      return publisher;
    };
    const count = async (sql: string): Promise<number> =>
      Number((await database.pool.query(`select count(*) as count ${sql}`)).rows[0]?.count);
    const usageOf = async (orgId: string) => {
      const response = await fetch(
        `${processOf('api').origin}/analytics/v1/orgs/${orgId}/usage?granularity=day`,
        { headers: { authorization: `Bearer ${token}` } },
      );
      return (await response.json()) as { totals: { invocations: number } };
    };

    beforeAll(async () => {
      dataDir = await newDirectory();
      token = await tokenOf(['admin']);
      await Promise.all(['api', 'ingest-1', 'ingest-2', 'worker-1', 'worker-2'].map(start));
    });
    afterAll(async () => {
      await Promise.all([...processes.values()].map((running) => running.stop()));
    });

    test('report whether the services that their role needs are there', async () => {
      const checks = async (name: string) => {
        const response = await fetch(`${processOf(name).origin}/analytics/v1/status/readyz`);
        return ((await response.json()) as { checks: unknown }).checks;
      };
      await expect
        .poll(() => checks('ingest-1'), patience)
        .toEqual({
          database: 'ok',
          rabbitmq: 'ok',
          bodies: 'ok',
          ingestion: 'ok',
        });
      expect(await checks('api')).toEqual({ database: 'ok' });
      expect(await checks('worker-1')).toMatchObject({ database: 'ok', 'roll-up': 'ok' });
      expect(await checks('worker-1')).not.toHaveProperty('rabbitmq');
    });

    test('count all sent events, and do scheduled work once', { timeout: 8 * MINUTE }, async () => {
      const [sender, publisher] = [sendFor('acme'), publish()];
      // Triggers all scheduled work, as if it were time for it.
      await database.pool.query(`update tidemark_jobs.schedule set cron = '* * * * *'`);
      const done = `from tidemark_jobs.job where state = 'completed' and name = any($1)`;
      const worked = async () =>
        (await database.pool.query(`select distinct name ${done} order by name`, [SCHEDULED])).rows.map(
          ({ name }) => name as string,
        );
      await expect.poll(worked, patience).toEqual(SCHEDULED);
      await database.pool.query(`update tidemark_jobs.schedule set cron = '0 0 1 1 *'`);
      const active = `from tidemark_jobs.job where state < 'completed'`;
      await expect.poll(() => count(active), patience).toBe(0);
      await Promise.all([sender.stop(), publisher.stop()]);
      await expect
        .poll(() => queue.connection.queueDeclare({ queue: queue.name, passive: true }), patience)
        .toMatchObject({ messageCount: 0 });

      const { rows: times } = await database.pool.query(
        `select name, date_trunc('minute', created_on) as minute, count(*)::int ${done} group by 1, 2`,
        [SCHEDULED],
      );
      expect(times.filter((row) => row.count !== 1)).toEqual([]);
      const logged = ['worker-1', 'worker-2'].map(
        (name) => processOf(name).log().split('scheduled work is done').length - 1,
      );
      expect(logged.reduce((sum, some) => sum + some, 0)).toBe(times.length);

      const sent = sentBy([sender, publisher]);
      await expect.poll(() => count('from analytics.events'), patience).toBe(sent.acknowledged.size);
      expect(await expectHonestBooks(database.pool, sent)).toBe(sent.acknowledged.size);
      expect((await usageOf('acme')).totals.invocations).toBe(sent.acknowledged.size);
    });

    test('take over the work of a killed worker', { timeout: 8 * MINUTE }, async (context) => {
      await processOf('worker-2').stop();
      const sender = sendFor('globex');
      await expect.poll(() => sender.acknowledged.size, patience).toBeGreaterThan(1_000);
      await sender.stop();
      await allRolledUp(database.pool);
      const boss = new PgBoss({
        db: { executeSql: (text, values) => database.pool.query(text, values) },
        schema: 'tidemark_jobs',
        supervise: false,
        schedule: false,
        migrate: false,
      });
      await boss.start();
      const job = (state: string) =>
        count(`from tidemark_jobs.job where name = 'roll-up-hourly' and ${state}`);
      const stuck = (name: string, what: string) =>
        count(
          `from pg_stat_activity where application_name = '${name}' and wait_event_type = 'Lock'
             and query ~ '${what}'`,
        );
      const FOLD = 'insert into analytics.folds';
      const PROMOTE = 'select fold_id as id, rows from analytics.folds';
      const blocker = await database.pool.connect();
      try {
        // The folding worker has claimed batches and is blocked. So is the worker that promotes or has its
        // job.
        await blocker.query('begin; lock table analytics.folds in exclusive mode');
        const more = sendFor('globex');
        await expect.poll(() => more.acknowledged.size, patience).toBeGreaterThan(1_000);
        await more.stop();
        await boss.send('roll-up-hourly');
        await boss.stop({ close: false, graceful: false });
        await expect.poll(() => stuck('worker-1', FOLD), patience).toBe(1);
        // One in every round, and one for the job.
        await expect.poll(() => stuck('worker-1', PROMOTE), patience).toBe(2);
        expect(await job(`state = 'active' and retry_count = 0`)).toBe(1);
        await start('worker-2');

        await processOf('worker-1').kill();
        const killed = performance.now();
        const takenOver = async (what: string, isSo: () => Promise<boolean>) => {
          await expect.poll(isSo, patience).toBe(true);
          noteRecovery(context, `a worker killed while it ${what}`, killed);
        };
        await Promise.all([
          // The other worker may have found later batches before. It matters that these are released.
          takenOver(
            'folds',
            async () => (await stuck('worker-1', FOLD)) === 0 && (await stuck('worker-2', FOLD)) === 1,
          ),
          takenOver(
            'does scheduled work',
            async () => (await job(`state = 'active' and retry_count = 1`)) === 1,
          ),
        ]);
        await takenOver('promotes', async () => (await stuck('worker-2', PROMOTE)) === 2);
      } finally {
        await blocker.query('rollback');
        blocker.release();
      }
      await expect.poll(() => job(`state = 'completed' and retry_count = 1`), patience).toBe(1);
      await start('worker-1');
      await expectHonestBooks(database.pool, sentBy(everyone));
    });

    test('lose nothing when they are restarted one after another under load', {
      timeout: 8 * MINUTE,
    }, async (context) => {
      const publisher = publish();
      const three = Array.from({ length: 3 }, () => sendFor('initech'));
      for (const name of [...processes.keys()].sort()) {
        await setTimeout(300);
        await processOf(name).stop();
        expect(processOf(name).log()).not.toContain('failed to stop');
        await start(name);
        await servedAgain([...three, publisher], performance.now());
      }
      const began = performance.now();
      await Promise.all([...three, publisher].map((one) => one.stop()));
      const problems = new Set(three.flatMap((sender) => [...sender.problems]));
      expect([...problems].filter((problem) => problem !== '503 unavailable')).toEqual([]);
      const sent = sentBy(everyone);
      await expect.poll(() => count('from analytics.events'), patience).toBe(sent.acknowledged.size);
      noteRecovery(context, 'every process restarted in turn, until all is stored', began);
      await expectHonestBooks(database.pool, sent);
    });
  },
);
