import type { Connection } from 'rabbitmq-client';

export type QueueType = 'stream' | 'quorum';

/** What events are read from. */
export interface RabbitmqSource {
  name: string;
  type: QueueType;
}

/** The name of an error of the broker, such as `NOT_FOUND`. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/** Makes a queue or stream if it is not there. One that is there stays as it was made, with limits of its own. */
export async function declareQueue(
  connection: Connection,
  { name, type }: RabbitmqSource,
  limits: Record<string, number> = {},
): Promise<void> {
  try {
    await countMessages(connection, name);
  } catch (error) {
    if (codeOf(error) !== 'NOT_FOUND') throw error;
    await declareAs(connection, name, { 'x-queue-type': type, ...limits });
  }
}

/**
 * Looks whether a queue or stream is what it is taken for. One made with limits leaves a line in the log of the
 * broker, whose only answer to such a question is an error.
 * @throws {Error} when it is of another type
 */
export async function checkType(connection: Connection, { name, type }: RabbitmqSource): Promise<void> {
  try {
    await declareAs(connection, name, { 'x-queue-type': type });
  } catch (error) {
    const { message } = error as Error;
    if (codeOf(error) === 'PRECONDITION_FAILED' && message.includes("'x-queue-type'")) {
      throw new Error(`${name} is not a ${type}, as RABBITMQ_QUEUE_TYPE says`, { cause: error });
    }
    // Other limits, or an account that may only read.
    if (!['PRECONDITION_FAILED', 'ACCESS_REFUSED'].includes(codeOf(error))) throw error;
  }
}

async function declareAs(
  connection: Connection,
  name: string,
  made: Record<string, string | number>,
): Promise<void> {
  await connection.queueDeclare({ queue: name, durable: true, arguments: made });
}

/** Messages in a queue that are not handed out, or all of a stream. Rejects with `NOT_FOUND` if it is not there. */
export async function countMessages(connection: Connection, name: string): Promise<number> {
  return (await connection.queueDeclare({ queue: name, passive: true })).messageCount;
}
