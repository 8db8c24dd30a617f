import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** A database pool as node-postgres counts it. */
export interface PoolCounts {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
}

/** The consumer's state, and messages: waiting with the broker, put aside there, and held by this process. */
export interface RabbitmqStanding {
  state: string;
  backlog: number;
  deadLetters: number;
  held: number;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Everything the service counts about itself, in a registry of its own. Names follow the Prometheus
 * conventions: base units, `_total` for counters, and no label a caller can make up (no org, no actor).
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'tidemark_' });

  return {
    registry,
    /** `outcome`: stored, duplicate, conflict or rejected; `source`: http, import, rabbitmq or self. */
    ingestedEvents: new Counter({
      name: 'tidemark_ingest_events_total',
      help: 'Events received, by source and by what became of them.',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    /** `reason`: overloaded or unavailable. */
    refusedSubmissions: new Counter({
      name: 'tidemark_ingest_refused_total',
      help: 'Submissions sent back unread because the service was full or the database away.',
      labelNames: ['source', 'reason'],
      registers,
    }),
    flushEvents: new Histogram({
      name: 'tidemark_flush_events',
      help: 'Events stored in one transaction.',
      buckets: [1, 10, 50, 100, 500, 1_000, 2_500, 5_000, 10_000],
      registers,
    }),
    flushSeconds: new Histogram({
      name: 'tidemark_flush_duration_seconds',
      help: 'Time one storing transaction took.',
      buckets: seconds,
      registers,
    }),
    /** From the arrival of the oldest message of a batch to its acknowledgement, which follows the commit. */
    rabbitmqAckSeconds: new Histogram({
      name: 'tidemark_rabbitmq_ack_delay_seconds',
      help: 'Time from the arrival of a message to its acknowledgement, of the oldest of each batch.',
      buckets: seconds,
      registers,
    }),
    rabbitmqDeadLetters: new Counter({
      name: 'tidemark_rabbitmq_dead_letters_total',
      help: 'Messages and events put into the dead-letter queue.',
      registers,
    }),
    ...rollupMetrics(registers),
    /** `outcome`: ok or failed. */
    alertEvaluationSeconds: new Histogram({
      name: 'tidemark_alert_evaluation_duration_seconds',
      help: 'Time one evaluation of an alert rule took, all its groups together.',
      labelNames: ['outcome'],
      buckets: seconds,
      registers,
    }),
    /** `transition`: firing, told, still_firing, escalated or resolved. */
    alertTransitions: new Counter({
      name: 'tidemark_alert_transitions_total',
      help: 'What happened to alerts by evaluation.',
      labelNames: ['transition'],
      registers,
    }),
    /** Reads how long, in seconds, whenever metrics are collected. */
    observeEvaluationLag(lag: () => number): void {
      new Gauge({
        name: 'tidemark_alert_evaluation_lag_seconds',
        help: 'How long the alert rule that waits the longest has been due; 0 if none is.',
        registers,
        collect() {
          this.set(lag());
        },
      });
    },
    /** `route` is the pattern, never the path. */
    requestSeconds: new Histogram({
      name: 'tidemark_http_request_duration_seconds',
      help: 'Time from a request to its answer, by route.',
      labelNames: ['method', 'route', 'status'],
      buckets: seconds,
      registers,
    }),

    /** `outcome`: sent, waiting (to be tried again), dead or cancelled. */
    notifications: new Counter({
      name: 'tidemark_notifications_total',
      help: 'Attempts to deliver a notice, by channel and by what became of them.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    notificationSeconds: new Histogram({
      name: 'tidemark_notification_delay_seconds',
      help: 'Time from when something was found wrong until a provider took the notice of it.',
      labelNames: ['channel', 'severity'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
      registers,
    }),

    unreachedNotices: new Counter({
      name: 'tidemark_unreached_notices_total',
      help: 'Critical notices that were for nobody outside the product.',
      registers,
    }),

    redisFailures: new Counter({
      name: 'tidemark_redis_failures_total',
      help: 'Commands to Redis that failed or were not answered in time; each was done without.',
      registers,
    }),

    setOutbox: outboxGauges(registers),

    /** Reads whether Redis answers whenever metrics are collected. */
    observeRedis(isUp: () => boolean): void {
      new Gauge({
        name: 'tidemark_redis_up',
        help: '1 while Redis is connected; 0 while the service goes on without it.',
        registers,
        collect() {
          this.set(Number(isUp()));
        },
      });
    },

    /** `pool`: read, write or store. */
    querySeconds: new Histogram({
      name: 'tidemark_database_query_duration_seconds',
      help: 'Time from asking for a connection to the result of a query, by pool; without those of transactions.',
      labelNames: ['pool'],
      buckets: seconds,
      registers,
    }),
    selfReportsDropped: new Counter({
      name: 'tidemark_self_reports_dropped_total',
      help: 'Requests of its own that the service did not report, because it was busy.',
      registers,
    }),

    /** Reads the number of queued events whenever metrics are collected. */
    observeQueue(depth: () => number): void {
      new Gauge({
        name: 'tidemark_queue_events',
        help: 'Events held in memory, not stored yet.',
        registers,
        collect() {
          this.set(depth());
        },
      });
    },

    /** Reads how things stand with RabbitMQ whenever metrics are collected. */
    observeRabbitmq(read: () => RabbitmqStanding): void {
      const gauge = (name: string, help: string, value: (standing: RabbitmqStanding) => number) =>
        new Gauge({
          name: `tidemark_rabbitmq_${name}`,
          help,
          registers,
          collect() {
            this.set(value(read()));
          },
        });
      gauge(
        'backlog_messages',
        'Messages that wait to be stored, as of a few seconds ago.',
        (of) => of.backlog,
      );
      gauge(
        'dead_letter_messages',
        'Messages in the dead-letter queue, as of a few seconds ago.',
        (of) => of.deadLetters,
      );
      gauge('held_messages', 'Messages received and not acknowledged yet.', (of) => of.held);
      new Gauge({
        name: 'tidemark_rabbitmq_state',
        help: '1 for the state of the consumer: away, reading, standby (another process reads) or paused.',
        labelNames: ['state'],
        registers,
        collect() {
          this.reset();
          this.set({ state: read().state }, 1);
        },
      });
    },

    /** Reads the counts of the named pools whenever metrics are collected. */
    observePools(pools: Readonly<Record<string, PoolCounts>>): void {
      new Gauge({
        name: 'tidemark_database_pool_connections',
        help: 'Connections to PostgreSQL, by pool and by what they do.',
        labelNames: ['pool', 'state'],
        registers,
        collect() {
          for (const [pool, { totalCount, idleCount }] of Object.entries(pools)) {
            this.set({ pool, state: 'busy' }, totalCount - idleCount);
            this.set({ pool, state: 'idle' }, idleCount);
          }
        },
      });
      new Gauge({
        name: 'tidemark_database_pool_waiting',
        help: 'Callers waiting for a connection to PostgreSQL, by pool.',
        labelNames: ['pool'],
        registers,
        collect() {
          for (const [pool, { waitingCount }] of Object.entries(pools)) this.set({ pool }, waitingCount);
        },
      });
    },
  };
}

function rollupMetrics(registers: Registry[]) {
  return {
    rollupLagSeconds: new Gauge({
      name: 'tidemark_rollup_lag_seconds',
      help: 'Age of the oldest stored event that is not rolled up yet; 0 if none.',
      registers,
    }),
    /** `grain`: minute, quarter_hour, hour, day or week. */
    rollupSeconds: new Histogram({
      name: 'tidemark_rollup_duration_seconds',
      help: 'Time one roll-up of a grain took.',
      labelNames: ['grain'],
      buckets: seconds,
      registers,
    }),
    /** `grain`: that of the roll-up. */
    incompleteRollups: new Counter({
      name: 'tidemark_rollup_incomplete_total',
      help: 'Roll-ups that did not find all rows of a batch or fold, and left it for later, by grain.',
      labelNames: ['grain'],
      registers,
    }),
    /** `what`: batch or fold. */
    incompleteWork: new Gauge({
      name: 'tidemark_rollup_incomplete',
      help: 'Batches and folds that wait because some of their rows cannot be found.',
      labelNames: ['what'],
      registers,
    }),
  };
}

/** Messages of the outbox that are due, by channel; `oldest` in seconds. */
interface OutboxBacklog {
  channel: string;
  waiting: number;
  oldest: number;
  dead: number;
}

function outboxGauges(registers: Registry[]): (backlog: readonly OutboxBacklog[]) => void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['channel'], registers });
  const waiting = gauge('tidemark_outbox_waiting', 'Notices that are due and not delivered, by channel.');
  const oldest = gauge(
    'tidemark_outbox_oldest_seconds',
    'How long the oldest of them has been due, by channel.',
  );
  const dead = gauge('tidemark_outbox_dead', 'Notices that could not be delivered at all, by channel.');
  return (backlog) => {
    for (const one of [waiting, oldest, dead]) one.reset();
    for (const { channel, ...of } of backlog) {
      waiting.set({ channel }, of.waiting);
      oldest.set({ channel }, of.oldest);
      dead.set({ channel }, of.dead);
    }
  };
}
