import type { Connection } from 'rabbitmq-client';
import { withConfirms } from '../../../src/ingestion/rabbitmq/confirmed-publishing.ts';
import { openRabbitmq } from '../../../src/ingestion/rabbitmq/connection.ts';
import { sleep } from '../../../src/time.ts';
import { usageMaker } from '../events/fixtures.ts';
import { silentLog } from '../events/ingestion.ts';

interface PublisherOptions {
  seed: number;
  url: string;
  /** Each message goes to all of these queues. */
  queues: readonly string[];
}

export interface Publisher {
  /** Ids of events whose message the broker has confirmed. */
  acknowledged: Set<string>;
  /** Ids that may or may not have reached the broker. */
  unknown: Set<string>;
  /** When the last confirmed messages were published, on the clock of `performance.now()`. */
  lastSuccess: number;
  /** Returns when everything published is confirmed. */
  stop(): Promise<void>;
}

const TOGETHER = 40;
const PATIENCE_MS = 5_000;

/**
 * Publishes events without end, one a message, and remembers those that the broker has confirmed. An
 * unconfirmed event is published again until it is confirmed.
 */
export function startPublisher({ seed, url, queues }: PublisherOptions): Publisher {
  const makeUsage = usageMaker(seed);
  const connection = openRabbitmq({ url, name: 'tidemark test publisher', log: silentLog });
  const publisher = { acknowledged: new Set<string>(), unknown: new Set<string>(), lastSuccess: 0 };
  let stopping = false;

  const run = async (): Promise<void> => {
    while (!stopping) {
      const events = Array.from({ length: TOGETHER }, () => makeUsage());
      for (const { eventId } of events) publisher.unknown.add(eventId);
      for (;;) {
        const began = performance.now();
        if (await publishOnce(connection, queues, events)) {
          publisher.lastSuccess = began;
          break;
        }
        await sleep(50);
      }
      for (const { eventId } of events) {
        publisher.unknown.delete(eventId);
        publisher.acknowledged.add(eventId);
      }
      await sleep(20);
    }
  };

  const running = run();
  return Object.assign(publisher, {
    stop: async () => {
      stopping = true;
      await running;
      connection.unsafeDestroy();
    },
  });
}

/** Whether the broker confirmed all of them in time. */
async function publishOnce(
  connection: Connection,
  queues: readonly string[],
  events: readonly object[],
): Promise<boolean> {
  const late = new AbortController();
  const published = withConfirms(connection, (publish) =>
    Promise.all(
      events.flatMap((event) => queues.map((routingKey) => publish({ durable: true, routingKey }, event))),
    ),
  ).then(
    () => true,
    () => false,
  );
  const outcome = await Promise.race([published, sleep(PATIENCE_MS, late.signal).then(() => false)]);
  late.abort();
  return outcome;
}
