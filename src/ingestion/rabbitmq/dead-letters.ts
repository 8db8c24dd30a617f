import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Connection, SyncMessage } from 'rabbitmq-client';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { withConfirms } from './confirmed-publishing.ts';
import { closeChannel } from './connection.ts';
import { type DeadLetter, type Refused, readDeadLetter, toDeadLetter, toOriginal } from './dead-letter.ts';
import { codeOf, countMessages, declareQueue } from './queues.ts';

/** RabbitMQ 4 drops a message of a quorum queue that was looked at 20 times, unless told otherwise. */
const MOST_LOOKS = 1_000_000;

/** The queue that holds what could not be stored of a stream or queue. */
export function deadLettersOf(source: string): string {
  return `${source}.dead-letters`;
}

/** Makes the dead-letter queue of a stream or queue if it is not there. */
export function declareDeadLetters(connection: Connection, source: string): Promise<void> {
  return declareQueue(
    connection,
    { name: deadLettersOf(source), type: 'quorum' },
    { 'x-delivery-limit': MOST_LOOKS },
  );
}

/** Puts refused messages into the dead-letter queue of their source. When it returns, the broker keeps them. */
export async function bury(connection: Connection, refused: readonly Refused[], clock: Clock): Promise<void> {
  const sources = new Set(refused.map(({ source }) => source));
  // A queue that was deleted is made again.
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

/** Which dead letters are meant: those with these ids, or all. */
export type Selection = 'all' | ReadonlySet<string>;

/** Calls `see` for each dead letter of a source, the oldest first, and leaves all where they are. */
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

/** Sends dead letters back to the stream or queue they came from; the ids of those it sent. */
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

/** Removes dead letters for good; the ids of those it removed. */
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
 * Goes once through the dead letters there are now. What is kept is handed back at the end, and not before, or
 * it would come round again. Returns the ids of those that were removed.
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
 * The broker takes a moment to put back what a closed channel held: whoever looks next would find too few. Not for
 * long, since somebody else may be holding some of them.
 */
async function awaitReturn(connection: Connection, queue: string, kept: number): Promise<void> {
  for (let looks = 0; looks < 50; looks++) {
    if ((await countMessages(connection, queue)) >= kept) return;
    await setTimeout(20);
  }
}
