import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from './duration-buckets.ts';

/** The consumer's state, and three counts of messages. */
export interface RabbitmqStatus {
  state: string;
  /** Messages that wait at the broker. */
  backlog: number;
  /** Messages in the dead-letter queue. */
  deadLetters: number;
  /** Messages that this process has received and not acknowledged. */
  held: number;
}

export function createRabbitmqMetrics(registers: Registry[]) {
  return {
    /** The acknowledgement follows the commit. */
    rabbitmqAckSeconds: new Histogram({
      name: 'tidemark_rabbitmq_ack_delay_seconds',
      help: 'Time from the arrival of a message to its acknowledgement, for the oldest message of each batch.',
      buckets: durationBuckets,
      registers,
    }),
    rabbitmqDeadLetters: new Counter({
      name: 'tidemark_rabbitmq_dead_letters_total',
      help: 'Messages and events put into the dead-letter queue.',
      registers,
    }),
    /** Reads the status whenever metrics are collected. */
    observeRabbitmq(read: () => RabbitmqStatus): void {
      const gauge = (name: string, help: string, value: (status: RabbitmqStatus) => number) =>
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
        'Messages that wait to be stored; refreshed every few seconds.',
        ({ backlog }) => backlog,
      );
      gauge(
        'dead_letter_messages',
        'Messages in the dead-letter queue; refreshed every few seconds.',
        ({ deadLetters }) => deadLetters,
      );
      gauge('held_messages', 'Messages received and not acknowledged yet.', ({ held }) => held);
      new Gauge({
        name: 'tidemark_rabbitmq_state',
        help: '1 for the current state of the consumer: away, reading, standby (another process reads) or paused.',
        labelNames: ['state'],
        registers,
        collect() {
          this.reset();
          this.set({ state: read().state }, 1);
        },
      });
    },
  };
}
