import { describe, expect, inject, test } from 'vitest';
import { withConfirms } from '../../../src/ingestion/rabbitmq/confirmed-publishing.ts';
import { countMessages } from '../../../src/ingestion/rabbitmq/queues.ts';
import { useQueue } from '../../support/servers/rabbitmq.ts';
import { skipUnless } from '../../support/skip-unless.ts';

describe('a published message', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
  const queue = useQueue('quorum');
  const publish = (...routingKeys: string[]) =>
    withConfirms(queue.connection, (send) =>
      Promise.all(routingKeys.map((routingKey) => send({ durable: true, routingKey }, {}))),
    );

  test('is kept once it is confirmed', async () => {
    await publish(queue.name, queue.name);
    await expect.poll(() => countMessages(queue.connection, queue.name)).toBe(2);
  });

  test('does not count as kept when the broker confirms it but cannot route it', async () => {
    const nowhere = `${queue.name}.nowhere`;
    await expect(publish(nowhere)).rejects.toThrow(`cannot route to ${nowhere}: NO_ROUTE`);
    await expect(publish(queue.name, nowhere, queue.name)).rejects.toThrow('cannot route');
    await publish(queue.name);
  });
});
