import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import type { Pool } from 'pg';
import { createPool } from '../../src/database/pool.ts';
import { closeRabbitmq, openRabbitmq } from '../../src/ingestion/rabbitmq/connection.ts';
import { deadLettersOf } from '../../src/ingestion/rabbitmq/dead-letters.ts';
import { declareQueue, type QueueType } from '../../src/ingestion/rabbitmq/queues.ts';
import type { Drift } from '../../src/rollups/reconcile/drift.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { MINUTE, SECOND, sleep } from '../../src/time.ts';
import { callOk } from './call.ts';
import { type PacedPublisher, startPublisher } from './paced-publisher.ts';
import { processorTimeOf, residentMegabytes } from './processes/process-use.ts';
import { orgName } from './seed-events.ts';
import { type Service, startService } from './service.ts';

export interface LoadPlan {
  rabbitmqUrl: string;
  queueType: QueueType;
  /** Messages a second, with one event each. */
  rate: number;
  /** The burst as a multiple of `rate`. */
  factor: number;
  /** Milliseconds before the burst, and of the burst. */
  steady: number;
  burst: number;
  /** Settings of the service that differ from the defaults. */
  env: Record<string, string>;
}

export type Phase = 'steady' | 'burst' | 'drain' | 'end';

/** The state at a moment, sampled once a second. */
export interface Sample {
  phase: Phase;
  /** Seconds since the beginning. */
  at: number;
  /** Total messages confirmed by the broker, and total events stored. */
  published: number;
  received: number;
  /** Age in seconds of the oldest message that is not committed and acknowledged. */
  ackLag: number;
  /** Seconds that the rollups of the largest org are behind the stored events, by the API. */
  freshnessLag: number;
  /** Megabytes of the service's process; NaN without /proc. */
  rss: number;
}

export interface Outcome {
  samples: readonly Sample[];
  published: number;
  received: number;
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  /** Rows of raw events. */
  events: number;
  /** Seconds from the end of the burst until messages are stored within a second again, at the steady rate. */
  drained: number;
  /** Seconds from the last message until the last roll-up. */
  rolledUp: number;
  /** Microseconds of CPU of the service for each event, with roll-ups; NaN without /proc. */
  cpuPerEvent: number;
  drifts: readonly Drift[];
}

const SAMPLE = SECOND;
/** After this time without progress, missing messages count as lost. */
const NO_PROGRESS_TIMEOUT = 2 * MINUTE;

interface Counts {
  received: number;
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  waiting: number;
}

/**
 * Starts a service and publishes events to it: at a steady rate, then in a burst, then at the steady rate again until
 * the backlog is drained. Then it compares the published events with the stored and rolled-up ones.
 * @param onSample receives the state once a second
 */
export async function sustainLoad(plan: LoadPlan, onSample: (sample: Sample) => void): Promise<Outcome> {
  const queue = `tidemark-bench.${process.pid}.${randomBytes(4).toString('hex')}`;
  const log = createLog({ level: 'silent' });
  const connection = openRabbitmq({ url: plan.rabbitmqUrl, name: 'tidemark bench', log });
  await declareQueue(connection, { name: queue, type: plan.queueType });
  const service = await startService({
    ...plan.env,
    RABBITMQ_URL: plan.rabbitmqUrl,
    RABBITMQ_STREAM: queue,
    RABBITMQ_QUEUE_TYPE: plan.queueType,
  });
  const pool = createPool({
    connectionString: service.databaseUrl,
    max: 1,
    applicationName: 'bench',
    statementTimeoutMs: 0,
    onError: () => {},
  });
  try {
    return await new Load({
      plan,
      service,
      pool,
      publisher: await startPublisher(connection, queue),
      onSample,
    }).run();
  } finally {
    await pool.end();
    await service.stop();
    for (const name of [queue, deadLettersOf(queue)]) await connection.queueDelete({ queue: name });
    await closeRabbitmq(connection);
  }
}

interface LoadParts {
  plan: LoadPlan;
  service: Service;
  pool: Pool;
  publisher: PacedPublisher;
  onSample: (sample: Sample) => void;
}

class Load {
  readonly #plan: LoadPlan;
  readonly #service: Service;
  readonly #pool: Pool;
  readonly #publisher: PacedPublisher;
  readonly #onSample: (sample: Sample) => void;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #began = performance.now();
  readonly #samples: Sample[] = [];

  constructor({ plan, service, pool, publisher, onSample }: LoadParts) {
    this.#plan = plan;
    this.#service = service;
    this.#pool = pool;
    this.#publisher = publisher;
    this.#onSample = onSample;
  }

  async run(): Promise<Outcome> {
    const { rate, factor, steady, burst } = this.#plan;
    const publisher = this.#publisher;
    const cpuBefore = processorTimeOf(this.#service.pid) / 1_000;
    publisher.setRate(rate);
    await this.#sampleFor('steady', steady);
    publisher.setRate(rate * factor);
    await this.#sampleFor('burst', burst);
    publisher.setRate(rate);
    const drained = await this.#sampleUntil('drain', ({ ackLag }) => ackLag < 1);
    await publisher.stop();
    const rolledUp = await this.#sampleUntil(
      'end',
      ({ received, published }, { waiting }) => received >= published && waiting === 0,
    );
    const cpu = processorTimeOf(this.#service.pid) / 1_000 - cpuBefore;
    this.#agent.destroy();
    const { waiting: _none, ...counts } = await this.#count();
    const { rows } = await this.#pool.query<{ events: number }>(
      'select count(*)::int as events from analytics.events',
    );
    const { drifts } = await reconcile(this.#pool);
    const events = rows[0]?.events ?? 0;
    return {
      ...counts,
      samples: this.#samples,
      published: publisher.confirmed,
      events,
      drained,
      rolledUp,
      cpuPerEvent: (cpu * 1_000) / counts.received,
      drifts,
    };
  }

  async #sampleFor(phase: Phase, duration: number): Promise<void> {
    const until = performance.now() + duration;
    while (performance.now() < until) {
      await this.#sample(phase);
      await sleep(Math.max(0, Math.min(SAMPLE, until - performance.now())));
    }
  }

  /** Seconds until that was reached, or until nothing more happened. */
  async #sampleUntil(phase: Phase, isSo: (sample: Sample, counts: Counts) => boolean): Promise<number> {
    const began = performance.now();
    let [received, since] = [-1, began];
    for (;;) {
      const { sample, counts } = await this.#sample(phase);
      if (isSo(sample, counts)) return (performance.now() - began) / SECOND;
      if (counts.received > received) [received, since] = [counts.received, performance.now()];
      if (performance.now() - since > NO_PROGRESS_TIMEOUT) return Number.POSITIVE_INFINITY;
      await sleep(SAMPLE);
    }
  }

  async #sample(phase: Phase): Promise<{ sample: Sample; counts: Counts }> {
    // Published messages are counted first: the count can only grow until the rest is read.
    const published = this.#publisher.confirmed;
    const counts = await this.#count();
    const ackLag = this.#publisher.ageOf(counts.received);
    const path = `/analytics/v1/orgs/${orgName(0)}/freshness`;
    const freshness = await callOk<{ lagSeconds: number }>(this.#service, this.#agent, path);
    const sample = {
      phase,
      at: (performance.now() - this.#began) / SECOND,
      published,
      received: counts.received,
      ackLag,
      freshnessLag: freshness.lagSeconds,
      rss: residentMegabytes(this.#service.pid),
    };
    this.#samples.push(sample);
    this.#onSample(sample);
    return { sample, counts };
  }

  async #count(): Promise<Counts> {
    const { rows } = await this.#pool.query<Counts>(
      `select coalesce(sum(received), 0)::int as received, coalesce(sum(stored), 0)::int as stored,
         coalesce(sum(duplicates), 0)::int as duplicates, coalesce(sum(conflicts), 0)::int as conflicts,
         coalesce(sum(rejected), 0)::int as rejected,
         (count(*) filter (where rolled_up_at is null))::int as waiting
       from analytics.ingestion_batches where source = 'rabbitmq'`,
    );
    if (!rows[0]) throw new Error('the counts are missing');
    return rows[0];
  }
}
