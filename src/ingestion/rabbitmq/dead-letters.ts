import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Connection, SyncMessage } from 'rabbitmq-client';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { withConfirms } from './confirmed-publishing.ts';
import { closeChannel } from './connection.ts';
import {
  type DeadLetter,
  type RefusedMessage,
  readDeadLetter,
  toDeadLetter,
  toOriginal,
} from './dead-letter.ts';
import { codeOf, countMessages, declareQueue } from './queues.ts';

/** RabbitMQ 4 drops a message of a quorum queue after 20 deliveries by default, and every listing is a delivery. */
const DELIVERY_LIMIT = 1_000_000;

/** The name of the queue for messages of a stream or queue that cannot be stored. */
export function deadLettersOf(source: string): string {
  return `${source}.dead-letters`;
}

/** Creates the dead-letter queue of a stream or queue if it does not exist. */
export function declareDeadLetters(connection: Connection, source: string): Promise<void> {
  return declareQueue(
    connection,
    { name: deadLettersOf(source), type: 'quorum' },
    { 'x-delivery-limit': DELIVERY_LIMIT },
  );
}

/** Puts refused messages into the dead-letter queue of their source. Resolves once the broker has stored them. */
export async function publishDeadLetters(
  connection: Connection,
  refused: readonly RefusedMessage[],
  clock: Clock,
): Promise<void> {
  const sources = new Set(refused.map(({ source }) => source));
  // Creates a queue that was deleted.
  for (const source of sources) await declareDeadLetters(connection, source);
  const at = new Date(clock.now());
  await withConfirms(connection, async (publish) => {
    await Promise.all(
      refused.map((one) => {
        const { envelope, body } = toDeadLetter(one, randomUUID(), at);
        return publish({ ...envelope, routingKey: deadLettersOf(one.source) }, body);
      }),
    );
  });
}

/** A choice of dead letters: those with these ids, or all. */
export type Selection = 'all' | ReadonlySet<string>;

/** Calls `see` with each dead letter of a source, the oldest first. All stay in the queue. */
export async function visitDeadLetters(
  connection: Connection,
  source: string,
  limit: number,
  see: (letter: DeadLetter) => void,
): Promise<void> {
  await eachDeadLetter(connection, source, limit, async (message) => {
    see(readDeadLetter(message));
    return 'keep';
  });
}

/** Sends dead letters back to the stream or queue that they came from. Returns the ids of those that it sent. */
export async function replayDeadLetters(
  connection: Connection,
  source: string,
  selection: Selection,
): Promise<string[]> {
  await refuseMissing(connection, source);
  return withConfirms(connection, (publish) =>
    eachDeadLetter(connection, source, Number.POSITIVE_INFINITY, async (message) => {
      if (!isSelected(message, selection)) return 'keep';
      const { envelope, body } = toOriginal(message);
      await publish({ ...envelope, routingKey: source }, body);
      return 'remove';
    }),
  );
}

/** Deletes dead letters. Returns the ids of those that it deleted. */
export function dropDeadLetters(
  connection: Connection,
  source: string,
  selection: Selection,
): Promise<string[]> {
  return eachDeadLetter(connection, source, Number.POSITIVE_INFINITY, async (message) =>
    isSelected(message, selection) ? 'remove' : 'keep',
  );
}

function isSelected(message: SyncMessage, selection: Selection): boolean {
  return selection === 'all' || selection.has(readDeadLetter(message).id);
}

async function refuseMissing(connection: Connection, queue: string): Promise<void> {
  try {
    await countMessages(connection, queue);
  } catch (error) {
    if (codeOf(error) !== 'NOT_FOUND') throw error;
    throw new CodedError('not_found', `RabbitMQ has no ${queue}`);
  }
}

/**
 * Goes once through the present dead letters. It returns the kept ones to the queue only at the end, as they would be
 * delivered again otherwise. Returns the ids of the removed ones.
 */
async function eachDeadLetter(
  connection: Connection,
  source: string,
  limit: number,
  decide: (message: SyncMessage) => Promise<'keep' | 'remove'>,
): Promise<string[]> {
  const queue = deadLettersOf(source);
  await refuseMissing(connection, queue);
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  let kept = 0;
  const removed: string[] = [];
  try {
    const most = Math.min(limit, (await channel.queueDeclare({ queue, passive: true })).messageCount);
    for (let seen = 0; seen < most; seen++) {
      const message = await channel.basicGet(queue);
      if (!message) break;
      if ((await decide(message)) === 'keep') {
        kept++;
        continue;
      }
      channel.basicAck({ deliveryTag: message.deliveryTag });
      removed.push(readDeadLetter(message).id);
    }
    return removed;
  } finally {
    await closeChannel(channel);
    await awaitReturn(connection, queue, kept);
  }
}

/**
 * Waits until the broker has put back the messages of a closed channel, so that the next look finds all of them. It
 * waits a second at most, since another consumer may hold some.
 */
async function awaitReturn(connection: Connection, queue: string, kept: number): Promise<void> {
  for (let looks = 0; looks < 50; looks++) {
    if ((await countMessages(connection, queue)) >= kept) return;
    await setTimeout(20);
  }
}
