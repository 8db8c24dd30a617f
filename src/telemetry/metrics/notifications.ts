import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Notices in the outbox of one channel. */
interface OutboxBacklog {
  channel: string;
  /** Due and not delivered. */
  waiting: number;
  /** Seconds that the oldest of them has been due. */
  oldest: number;
  /** Given up. */
  dead: number;
}

export function createNotificationMetrics(registers: Registry[]) {
  return {
    /** `outcome`: sent, waiting (to be tried again), dead or cancelled. */
    notifications: new Counter({
      name: 'tidemark_notifications_total',
      help: 'Attempts to deliver a notice, by channel and outcome.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    notificationSeconds: new Histogram({
      name: 'tidemark_notification_delay_seconds',
      help: 'Time from the detection of a problem until a provider accepts the notice.',
      labelNames: ['channel', 'severity'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
      registers,
    }),
    unreachedNotices: new Counter({
      name: 'tidemark_unreached_notices_total',
      help: 'Critical notices without a recipient outside the product.',
      registers,
    }),
    setOutbox: createOutboxGauges(registers),
  };
}

function createOutboxGauges(registers: Registry[]): (backlog: readonly OutboxBacklog[]) => void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['channel'], registers });
  const waiting = gauge('tidemark_outbox_waiting', 'Notices that are due and not delivered, by channel.');
  const oldest = gauge(
    'tidemark_outbox_oldest_seconds',
    'How long the oldest undelivered notice has been due, by channel.',
  );
  const dead = gauge('tidemark_outbox_dead', 'Notices whose delivery was given up, by channel.');
  return (backlog) => {
    for (const each of [waiting, oldest, dead]) each.reset();
    for (const { channel, ...counts } of backlog) {
      waiting.set({ channel }, counts.waiting);
      oldest.set({ channel }, counts.oldest);
      dead.set({ channel }, counts.dead);
    }
  };
}
