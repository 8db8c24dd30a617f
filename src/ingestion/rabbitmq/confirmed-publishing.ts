import { setImmediate as othersRan } from 'node:timers/promises';
import type { Connection, Envelope } from 'rabbitmq-client';
import { closeChannel } from './connection.ts';

/**
 * Resolves once the broker has stored the message.
 * @throws {Error} when the broker did not store it, or may not have
 */
export type Publish = (envelope: Envelope, body: unknown) => Promise<void>;

/**
 * Runs `work` on a channel of its own whose publications resolve once the broker has stored them.
 *
 * A broker also confirms messages that it cannot route, and drops them. RabbitMQ 3.10 did so with 400 messages to a
 * stream that it had not recovered yet after a crash. So each message is mandatory, and when the broker returns one,
 * all messages under way count as not stored.
 */
export async function withConfirms<T>(
  connection: Connection,
  work: (publish: Publish) => Promise<T>,
): Promise<T> {
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  // An error of the channel also rejects the publications under way.
  channel.on('error', () => {});
  let returned: string | undefined;
  channel.on('basic.return', ({ routingKey, replyText }) => {
    returned = `${routingKey}: ${replyText}`;
  });
  try {
    await channel.confirmSelect();
    return await work(async (envelope, body) => {
      await channel.basicPublish({ ...envelope, mandatory: true }, body);
      // The client reports a returned message only now, although the broker sends it before the confirmation.
      await othersRan();
      if (returned !== undefined) throw new Error(`RabbitMQ cannot route to ${returned}`);
    });
  } finally {
    await closeChannel(channel);
  }
}
