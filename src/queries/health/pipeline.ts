import type { Pool, PoolClient } from 'pg';
import type { Config } from '../../config.ts';
import type {
  GaugeSample,
  MissingPart,
  Realtime,
  RealtimeSource,
} from '../../telemetry/prometheus/realtime.ts';
import type { Clock } from '../../time.ts';
import { partReader } from './database-statistics.ts';

/** What RabbitMQ holds for the service. */
interface RabbitmqFigures {
  /** The processes that consume, by state. */
  consumers: { state: string; processes: number }[];
  /** Messages that wait at the broker. */
  backlog: number;
  /** Messages in the dead-letter queue. */
  deadLetters: number;
  /** Messages that a process has received and not acknowledged. */
  held: number;
}

/** Notices of one channel that are due, or were given up. */
interface OutboxBacklog {
  channel: string;
  waiting: number;
  /** Seconds that the oldest has been due. */
  oldest: number;
  dead: number;
}

/** Stored batches that no roll-up has taken yet. */
interface BatchFigures {
  waiting: number;
  /** Whether there are more than `waiting`. */
  isMore: boolean;
  oldestSeconds: number;
}

/** What waits between a producer and a reader, in the order in which events and notices pass. */
export interface PipelineHealth {
  asOf: string;
  source: Realtime['source'];
  /** Events in the memory of all processes, which are not stored yet; null if no process tells. */
  events: { waiting: number; mostPerProcess: number } | null;
  /** null: no process reads from RabbitMQ, or none tells. */
  rabbitmq: RabbitmqFigures | null;
  batches: BatchFigures | null;
  outbox: (Omit<OutboxBacklog, 'oldest'> & { oldestSeconds: number })[] | null;
  missing: MissingPart[];
}

export interface PipelineSource {
  pool: Pool;
  realtime: RealtimeSource;
  /** Reads the outbox, which belongs to the notifications. */
  readOutbox: (client: PoolClient, now: Date) => Promise<OutboxBacklog[]>;
  config: Pick<Config, 'maxQueuedEvents'>;
  clock: Clock;
}

/** So many batches are counted. A healthy service has a few. */
const MOST_BATCHES = 10_000;

/** What waits in the queue, at the broker, for a roll-up and in the outbox. A part that is unavailable is null and in `missing`. */
export async function answerPipelineHealth({
  pool,
  realtime,
  readOutbox,
  config,
  clock,
}: PipelineSource): Promise<PipelineHealth> {
  const now = new Date(clock.now());
  const missing: MissingPart[] = [];
  const readPart = partReader(pool, missing);
  const [gauges, batches, outbox] = await Promise.all([
    realtime.readWaiting(),
    readPart('batches', readBatches),
    readPart('outbox', (client) => readOutbox(client, now)),
  ]);
  const queued = samplesOf(gauges.samples, 'tidemark_queue_events');
  return {
    asOf: now.toISOString(),
    source: gauges.source,
    events: queued.length === 0 ? null : { waiting: sum(queued), mostPerProcess: config.maxQueuedEvents },
    rabbitmq: rabbitmqOf(gauges.samples),
    batches,
    outbox: outbox?.map(({ oldest, ...counts }) => ({ ...counts, oldestSeconds: oldest })) ?? null,
    missing: [...gauges.missing, ...missing],
  };
}

async function readBatches(client: PoolClient): Promise<BatchFigures> {
  const { rows } = await client.query<{ waiting: number; oldest: number }>(
    `select count(*) as waiting,
       coalesce(extract(epoch from clock_timestamp() - min(completed_at)), 0)::float8 as oldest
     from (select completed_at from analytics.ingestion_batches where rolled_up_at is null
       order by completed_at limit ${MOST_BATCHES + 1}) as b`,
  );
  const { waiting = 0, oldest = 0 } = rows[0] ?? {};
  return { waiting: Math.min(waiting, MOST_BATCHES), isMore: waiting > MOST_BATCHES, oldestSeconds: oldest };
}

/** Each process counts the messages of the whole queue, so the largest count holds; what a process holds is its own. */
function rabbitmqOf(samples: readonly GaugeSample[]): RabbitmqFigures | null {
  const of = (name: string) => samplesOf(samples, `tidemark_rabbitmq_${name}`);
  const states = of('state').filter(({ value }) => value === 1);
  if (states.length === 0) return null;
  const byState = Map.groupBy(states, ({ labels }) => labels.state ?? 'unknown');
  return {
    consumers: [...byState].map(([state, { length }]) => ({ state, processes: length })),
    backlog: most(of('backlog_messages')),
    deadLetters: most(of('dead_letter_messages')),
    held: sum(of('held_messages')),
  };
}

function samplesOf(samples: readonly GaugeSample[], name: string): GaugeSample[] {
  return samples.filter((sample) => sample.name === name);
}

function sum(samples: readonly GaugeSample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

function most(samples: readonly GaugeSample[]): number {
  return Math.max(0, ...samples.map(({ value }) => value));
}
