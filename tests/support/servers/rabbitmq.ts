import { randomBytes } from 'node:crypto';
import type { Connection, Envelope } from 'rabbitmq-client';
import { afterAll, beforeAll, inject } from 'vitest';
import { type Config, loadConfig } from '../../../src/config.ts';
import { createPool } from '../../../src/database/pool.ts';
import { withConfirms } from '../../../src/ingestion/rabbitmq/confirmed-publishing.ts';
import { closeRabbitmq, openRabbitmq } from '../../../src/ingestion/rabbitmq/connection.ts';
import type { DeadLetter } from '../../../src/ingestion/rabbitmq/dead-letter.ts';
import { deadLettersOf, visitDeadLetters } from '../../../src/ingestion/rabbitmq/dead-letters.ts';
import { declareQueue, type QueueType } from '../../../src/ingestion/rabbitmq/queues.ts';
import { startRabbitmq } from '../../../src/ingestion/rabbitmq/start-rabbitmq.ts';
import { startIngestion } from '../../../src/ingestion/start-ingestion.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { systemClock } from '../../../src/time.ts';
import type { TestDatabase } from '../database/database.ts';
import { silentLog } from '../events/ingestion.ts';

/** A stream or queue of its own, deleted at the end together with its dead letters. */
export interface TestQueue {
  readonly name: string;
  readonly type: QueueType;
  readonly connection: Connection;
  /** Returns once the broker keeps all of them. */
  publish(bodies: readonly unknown[], envelope?: Envelope): Promise<void>;
  deadLetters(): Promise<DeadLetter[]>;
}

/** Gives the test file, or the `describe` it is called in, a stream or queue of its own. */
export function useQueue(type: QueueType): TestQueue {
  const name = `tidemark-test.${process.pid}.${randomBytes(4).toString('hex')}`;
  let opened: Connection | undefined;
  const connection = () => {
    if (!opened) throw new Error('The queue is there from beforeAll on.');
    return opened;
  };
  beforeAll(async () => {
    opened = openRabbitmq({ url: inject('rabbitmqUrl') ?? '', name: 'tidemark tests', log: silentLog });
    await declareQueue(opened, { name, type });
  });
  afterAll(async () => {
    if (!opened) return;
    for (const queue of [name, deadLettersOf(name)]) await opened.queueDelete({ queue });
    await closeRabbitmq(opened);
  });
  return {
    name,
    type,
    get connection() {
      return connection();
    },
    async publish(bodies, envelope = {}) {
      await withConfirms(connection(), (publish) =>
        Promise.all(bodies.map((body) => publish({ durable: true, ...envelope, routingKey: name }, body))),
      );
    },
    async deadLetters() {
      const letters: DeadLetter[] = [];
      await visitDeadLetters(connection(), name, 1_000, (letter) => letters.push(letter));
      return letters;
    },
  };
}

interface ReaderOptions {
  /** Other URLs of the servers. */
  databaseUrl?: string;
  rabbitmqUrl?: string;
  env?: Record<string, string>;
}

export type Reader = ReturnType<typeof startReader>;

/** Ingestion from the queue into the database as the service runs it, without the rest of the service. */
export function startReader(database: TestDatabase, queue: TestQueue, options: ReaderOptions = {}) {
  const config: Config = loadConfig({
    RABBITMQ_STREAM: queue.name,
    RABBITMQ_QUEUE_TYPE: queue.type,
    ...options.env,
  });
  const pool = createPool({
    connectionString: options.databaseUrl ?? database.url,
    max: 4,
    applicationName: `tidemark reader of ${queue.name}`,
    statementTimeoutMs: 60_000,
    onError: () => {},
  });
  const metrics = createMetrics();
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
  const shared = {
    config,
    pool,
    clock: systemClock,
    log,
    metrics,
  };
  const ingestion = startIngestion(shared);
  const rabbitmq = startRabbitmq({
    ...shared,
    url: options.rabbitmqUrl ?? inject('rabbitmqUrl') ?? '',
    ingest: ingestion.ingest,
  });
  return {
    check: rabbitmq.check,
    /** Its log so far. */
    log: () => lines.join(''),
    /** The value of a metric, such as `state{state="reading"}`. */
    metric: async (name: string): Promise<number | undefined> => {
      const text = await metrics.registry.metrics();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`tidemark_rabbitmq_${name} `));
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    },
    stop: async () => {
      await rabbitmq.stop();
      await ingestion.stop();
      await pool.end();
    },
  };
}

export interface Totals {
  received: number;
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  /** Rows of `analytics.events`. */
  events: number;
}

/** The totals of everything received from RabbitMQ so far. */
export async function totalsOf(database: TestDatabase): Promise<Totals> {
  const { rows } = await database.pool.query<Totals>(
    `select coalesce(sum(received), 0)::int as received, coalesce(sum(stored), 0)::int as stored,
       coalesce(sum(duplicates), 0)::int as duplicates, coalesce(sum(conflicts), 0)::int as conflicts,
       coalesce(sum(rejected), 0)::int as rejected, (select count(*)::int from analytics.events) as events
     from analytics.ingestion_batches where source = 'rabbitmq'`,
  );
  return rows[0] as Totals;
}

/** The totals if each of this many events was received once. */
export function eachOnce(events: number): Totals {
  return {
    received: events,
    stored: events,
    duplicates: 0,
    conflicts: 0,
    rejected: 0,
    events,
  };
}
