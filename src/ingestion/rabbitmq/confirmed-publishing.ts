import { setImmediate as othersRan } from 'node:timers/promises';
import type { Connection, Envelope } from 'rabbitmq-client';
import { closeChannel } from './connection.ts';

/**
 * Resolves once the broker keeps the message.
 * @throws {Error} when it does not, or may not
 */
export type Publish = (envelope: Envelope, body: unknown) => Promise<void>;

/**
 * Runs `work` on a channel of its own whose publications resolve once they are kept. A broker confirms what it cannot
 * route as well, and drops it: RabbitMQ 3.10 did so with 400 messages to a stream that it had not recovered yet after
 * a crash. So each is mandatory, and when one comes back, all that are under way count as not kept.
 */
export async function withConfirms<T>(
  connection: Connection,
  work: (publish: Publish) => Promise<T>,
): Promise<T> {
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  // What is under way is rejected too.
  channel.on('error', () => {});
  let returned: string | undefined;
  channel.on('basic.return', ({ routingKey, replyText }) => {
    returned = `${routingKey}: ${replyText}`;
  });
  try {
    await channel.confirmSelect();
    return await work(async (envelope, body) => {
      await channel.basicPublish({ ...envelope, mandatory: true }, body);
      // The client tells of a return, which comes before the confirmation, only now.
      await othersRan();
      if (returned !== undefined) throw new Error(`RabbitMQ cannot route to ${returned}`);
    });
  } finally {
    await closeChannel(channel);
  }
}
