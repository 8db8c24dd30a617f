import type { Connection } from 'rabbitmq-client';

export type QueueType = 'stream' | 'quorum';

/** The stream or queue that events are read from. */
export interface RabbitmqSource {
  name: string;
  type: QueueType;
}

/** The code of an error of the broker, such as `NOT_FOUND`. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/** Creates a queue or stream if it does not exist. An existing one keeps its own limits. */
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
 * Checks the type of a queue or stream. AMQP has no request for it, so the check declares it. If it was created
 * with limits, that leaves an error in the log of the broker.
 * @throws {Error} when it is of another type
 */
export async function checkType(connection: Connection, { name, type }: RabbitmqSource): Promise<void> {
  try {
    await declareAs(connection, name, { 'x-queue-type': type });
  } catch (error) {
    const { message } = error as Error;
    if (codeOf(error) === 'PRECONDITION_FAILED' && message.includes("'x-queue-type'")) {
      throw new Error(`${name} is not a ${type}; set RABBITMQ_QUEUE_TYPE to its type`, { cause: error });
    }
    // It has other limits, or this account may only read.
    if (!['PRECONDITION_FAILED', 'ACCESS_REFUSED'].includes(codeOf(error))) throw error;
  }
}

async function declareAs(
  connection: Connection,
  name: string,
  limits: Record<string, string | number>,
): Promise<void> {
  await connection.queueDeclare({ queue: name, durable: true, arguments: limits });
}

/** Counts the undelivered messages of a queue, or all of a stream. Rejects with `NOT_FOUND` if it does not exist. */
export async function countMessages(connection: Connection, name: string): Promise<number> {
  return (await connection.queueDeclare({ queue: name, passive: true })).messageCount;
}
