import { randomBytes } from 'node:crypto';
import type { Connection } from 'rabbitmq-client';
import { SECOND, sleep } from '../../src/time.ts';
import { usageEvents } from './seed-events.ts';

/** Messages under way to the broker at most: when it is slower than that, less is published. */
const MOST_UNCONFIRMED = 20_000;
const TICK = 5;
/** A point of the timeline each so many milliseconds. */
const POINT = 50;
const TEMPLATES = 5_000;

/** Publishes messages of one event each to a stream or queue, at a rate that may be changed. */
export interface PacedPublisher {
  /** Messages that the broker has confirmed. */
  readonly confirmed: number;
  /** Seconds since message number `count` (from 0) was sent; 0 when it was not sent yet. */
  ageOf(count: number): number;
  /** Messages a second from now on. */
  setRate(rate: number): void;
  /** Publishes no more, and returns when all is confirmed. @throws when the broker refused one */
  stop(): Promise<void>;
}

/** An event as JSON in two pieces, between which its id and its time belong. */
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
      // What could not be sent in time is not sent later: the rate is one of now.
      due = Math.min(due + ((now - last) * rate) / SECOND, rate);
      last = now;
      const time = new Date().toISOString();
      for (; due >= 1 && sent - confirmed < MOST_UNCONFIRMED; due--) publish(time);
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
      // The last point at which it was not sent yet.
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
