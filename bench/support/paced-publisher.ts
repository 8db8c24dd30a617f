import { randomBytes } from 'node:crypto';
import type { Connection } from 'rabbitmq-client';
import { SECOND, sleep } from '../../src/time.ts';
import { usageEvents } from './seed-events.ts';

/** Maximum number of unconfirmed messages. A slower broker reduces the rate. */
const MAX_UNCONFIRMED = 20_000;
const TICK = 5;
/** Milliseconds between two points of the timeline. */
const POINT = 50;
const TEMPLATES = 5_000;

/** Publishes messages with one event each to a stream or queue, at a variable rate. */
export interface PacedPublisher {
  /** Messages that the broker has confirmed. */
  readonly confirmed: number;
  /** Seconds since message number `count` (from 0) was sent; 0 if it is not sent yet. */
  ageOf(count: number): number;
  /** Messages a second from now on. */
  setRate(rate: number): void;
  /** Stops publishing, and resolves when all messages are confirmed. @throws when the broker refused one */
  stop(): Promise<void>;
}

/** Events as JSON without their beginning, which has the id and the time. */
function makeTemplates(): string[] {
  const next = usageEvents(11, () => 0);
  return Array.from({ length: TEMPLATES }, () => {
    const { eventId: _id, occurredAt: _at, ...rest } = next();
    return JSON.stringify(rest).slice(1);
  });
}

export async function startPublisher(connection: Connection, queue: string): Promise<PacedPublisher> {
  const templates = makeTemplates();
  const run = randomBytes(4).toString('hex');
  const channel = await connection.acquire();
  await channel.confirmSelect();
  const points: { sent: number; at: number }[] = [{ sent: 0, at: performance.now() }];
  const stopped = new AbortController();
  let [sent, confirmed, rate] = [0, 0, 0];
  let fault: unknown;

  const publish = (now: string): void => {
    const id = sent.toString(16).padStart(12, '0');
    const body = `{"eventId":"${run}-0000-4000-8000-${id}","occurredAt":"${now}",${templates[sent % TEMPLATES]}`;
    sent++;
    channel.basicPublish({ routingKey: queue, durable: true }, Buffer.from(body)).then(
      () => {
        confirmed++;
      },
      (error) => {
        fault ??= error;
      },
    );
  };

  const work = async (): Promise<void> => {
    let last = performance.now();
    let due = 0;
    while (!stopped.signal.aborted && fault === undefined) {
      await sleep(TICK);
      const now = performance.now();
      // A message that could not be sent in time is not sent later, so that the rate is never exceeded.
      due = Math.min(due + ((now - last) * rate) / SECOND, rate);
      last = now;
      const time = new Date().toISOString();
      for (; due >= 1 && sent - confirmed < MAX_UNCONFIRMED; due--) publish(time);
      if (now - (points.at(-1)?.at ?? 0) >= POINT) points.push({ sent, at: now });
    }
  };
  const working = work();

  return {
    get confirmed() {
      return confirmed;
    },
    ageOf(count) {
      if (count >= sent) return 0;
      // Finds the last point at which the message was not sent yet.
      let [low, high] = [0, points.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((points[middle]?.sent ?? 0) <= count) low = middle + 1;
        else high = middle;
      }
      return (performance.now() - (points[low - 1]?.at ?? 0)) / SECOND;
    },
    setRate(now) {
      rate = now;
    },
    async stop() {
      stopped.abort();
      await working;
      while (confirmed < sent && fault === undefined) await sleep(TICK);
      if (fault !== undefined) throw fault;
      await channel.close();
    },
  };
}
