import { hostname } from 'node:os';
import type { Pool } from 'pg';
import type { Connection } from 'rabbitmq-client';
import type { Config } from '../../config.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type Clock, SECOND, sleep } from '../../time.ts';
import type { Ingest } from '../ingest.ts';
import { measureBacklog } from './backlog.ts';
import { closeRabbitmq, openRabbitmq } from './connection.ts';
import { RabbitmqConsumer } from './consumer.ts';
import { deadLettersOf, publishDeadLetters } from './dead-letters.ts';
import { countMessages, type RabbitmqSource } from './queues.ts';
import { MessageStore } from './store-messages.ts';

interface RabbitmqOptions {
  /** The address of the broker. */
  url: string;
  config: Pick<
    Config,
    | 'rabbitmqStream'
    | 'rabbitmqQueueType'
    | 'rabbitmqPrefetch'
    | 'rabbitmqBatchTimeout'
    | 'ingestionBatchSize'
  >;
  pool: Pool;
  ingest: Ingest;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

export interface RabbitmqIngestion {
  /** Rejects while the broker is down, the stream or queue cannot be read, or messages have long waited to be stored. */
  check(): Promise<void>;
  /** Resolves once the batch under way is stored and acknowledged. */
  stop(): Promise<void>;
}

const MEASURE_EVERY = 5 * SECOND;
/** A shorter pause is a restart of the database, or a lock. */
const LONG_PAUSE = 10 * SECOND;

/** Starts to read events from RabbitMQ. It does not wait for the broker, which may come later and go again. */
export function startRabbitmq(options: RabbitmqOptions): RabbitmqIngestion {
  const { url, config, pool, ingest, clock, log, metrics } = options;
  const source: RabbitmqSource = { name: config.rabbitmqStream, type: config.rabbitmqQueueType };
  const connections: Connection[] = [];
  const open = (use: string): Connection => {
    const connection = openRabbitmq({ url, name: `tidemark ${use} ${hostname()} ${process.pid}`, log });
    connections.push(connection);
    return connection;
  };
  const connection = open('events');
  // A connection of its own: a broker short of disk or memory blocks publishing connections, with their acknowledgements.
  let publishing: Connection | undefined;
  const store = new MessageStore({
    ingest,
    source: source.name,
    deadLetter: (refused) => {
      publishing ??= open('dead letters');
      return publishDeadLetters(publishing, refused, clock);
    },
    log,
    metrics,
  });
  const consumer = new RabbitmqConsumer({
    connection,
    source,
    pool,
    store,
    log,
    prefetch: config.rabbitmqPrefetch,
    batchSize: config.ingestionBatchSize,
    batchTimeout: config.rabbitmqBatchTimeout,
  });

  const stopped = new AbortController();
  const measured = { backlog: 0, deadLetters: 0 };
  const measure = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      if (consumer.state !== 'away') {
        try {
          measured.backlog = await measureBacklog(connection, source, pool);
          measured.deadLetters = await countMessages(connection, deadLettersOf(source.name));
        } catch (err) {
          log.debug({ err }, 'the backlog could not be measured; it is tried again');
        }
      }
      await sleep(MEASURE_EVERY, stopped.signal);
    }
  };
  metrics.observeRabbitmq(() => ({ ...measured, state: consumer.state, held: consumer.held }));
  consumer.start();
  const measuring = measure();

  return {
    check: async () => check(source, consumer, store),
    async stop() {
      stopped.abort();
      // Ends what waits for a broker that is down.
      for (const opened of connections) if (!opened.ready) opened.unsafeDestroy();
      await consumer.stop();
      await measuring;
      await Promise.all(connections.map(closeRabbitmq));
    },
  };
}

function check({ name }: RabbitmqSource, { state }: RabbitmqConsumer, { waitingFor }: MessageStore): void {
  if (state === 'away')
    throw new Error(
      `no events are read from ${name}: RabbitMQ is down, or the stream or queue cannot be read`,
    );
  if (waitingFor > LONG_PAUSE)
    throw new Error(
      `messages of ${name} have waited for ${Math.round(waitingFor / SECOND)} s: the database does not store them, or RabbitMQ refuses their dead letters`,
    );
}
