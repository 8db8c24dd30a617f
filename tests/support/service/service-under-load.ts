import type { Pool } from 'pg';
import { expect, type TestContext } from 'vitest';
import { createPool } from '../../../src/database/pool.ts';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { expectHonestBooks, sentBy } from '../answers/books.ts';
import { type Sender, startSender } from './honest-sender.ts';
import { note, secondsSince, servedAgain } from './recovery.ts';
import { tokenOf } from './service.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

interface LoadOptions {
  dataDir: string;
  /** The database URL of the service. */
  databaseUrl: string;
  /** The database URL of the test, without a proxy between. */
  directUrl?: string;
  env?: Record<string, string>;
  /** A command that starts the service. */
  launcher?: readonly string[];
  /** Milliseconds by which events are older than usual. */
  age?: number;
  /** Answers that callers may get besides success. */
  mayAnswer?: readonly string[];
}

/**
 * The service as a process of its own, with callers that send without end and remember the acknowledged
 * events.
 */
export interface Load {
  service: ServiceProcess;
  senders: readonly Sender[];
  /** A pool for the test's own queries. */
  pool: Pool;
  token: string;
  /** Starts the service again, on another port. */
  restart(): Promise<void>;
  /** Returns once every caller is served and newer events are rolled up, and notes how long it took. */
  recovered(context: TestContext, what: string): Promise<void>;
  /** Stops the callers, and checks the books. */
  settle(more?: readonly Pick<Sender, 'acknowledged' | 'unknown'>[]): Promise<void>;
  end(): Promise<void>;
}

/** Shorter than usual, so that a test waits less. */
const IMPATIENT = {
  LOG_LEVEL: 'warn',
  ROLLUP_INTERVAL: '100ms',
  REQUEST_TIMEOUT: '3s',
  INGESTION_TIMEOUT: '3s',
};
const SENDERS = 3;
const patience = { timeout: 2 * MINUTE, interval: 20 };

async function lastBatch(pool: Pool): Promise<number> {
  return (
    (await pool.query<{ id: number }>('select max(batch_id) as id from analytics.ingestion_batches')).rows[0]
      ?.id ?? 0
  );
}

async function isRolledUp(pool: Pool, batchId: number): Promise<boolean> {
  return (
    (
      await pool.query(
        'select from analytics.ingestion_batches where batch_id = $1 and rolled_up_at is not null',
        [batchId],
      )
    ).rowCount === 1
  );
}

/** Starts the service and its callers, and resolves once every caller has been served. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { dataDir, databaseUrl, directUrl = databaseUrl, mayAnswer = ['503 unavailable'] } = options;
  const start = () =>
    startServiceProcess(
      dataDir,
      { ...IMPATIENT, ...options.env, DATABASE_URL: databaseUrl },
      options.launcher,
    );
  const began = performance.now();
  const load = { service: await start() };
  const token = await tokenOf(['admin']);
  const pool = createPool({
    connectionString: directUrl,
    max: 2,
    applicationName: 'fault test',
    statementTimeoutMs: MINUTE,
    onError: () => {},
  });
  const senders = Array.from({ length: SENDERS }, (_, seed) =>
    startSender({
      seed,
      origin: () => load.service.origin,
      token,
      persistent: true,
      shape: (event) => ({
        ...event,
        orgId: 'acme',
        occurredAt: new Date(Date.parse(event.occurredAt) - (options.age ?? 0)).toISOString(),
      }),
    }),
  );
  await servedAgain(senders, began);
  return Object.assign(load, {
    senders,
    pool,
    token,
    restart: async () => {
      load.service = await start();
    },
    recovered: async (context: TestContext, what: string) => {
      const since = performance.now();
      await servedAgain(senders, since);
      const served = secondsSince(since);
      const last = await lastBatch(pool);
      await expect.poll(() => isRolledUp(pool, last), patience).toBe(true);
      note(context, `${what}: taken in again after ${served}, rolled up again after ${secondsSince(since)}`);
    },
    settle: async (more: readonly Pick<Sender, 'acknowledged' | 'unknown'>[] = []) => {
      await Promise.all(senders.map((sender) => sender.stop()));
      const problems = new Set(senders.flatMap((sender) => [...sender.problems]));
      expect([...problems].filter((problem) => !mayAnswer.includes(problem))).toEqual([]);
      await expectHonestBooks(pool, sentBy([...senders, ...more]));
    },
    end: async () => {
      await load.service.stop();
      await Promise.all(senders.map((sender) => Promise.race([sender.stop(), sleep(SECOND)])));
      await Promise.race([pool.end(), sleep(SECOND)]);
    },
  });
}
