import type { AsyncMessage, SyncMessage } from 'rabbitmq-client';
import { expect, test } from 'vitest';
import { readDeadLetter, toDeadLetter, toOriginal } from './dead-letter.ts';

const message: AsyncMessage = {
  consumerTag: 'c',
  deliveryTag: 1,
  redelivered: false,
  exchange: '',
  routingKey: 'events',
  correlationId: 'c-1',
  messageId: 'm-1',
  expiration: '1000',
  headers: { own: 'kept', 'x-stream-offset': 42 },
  contentType: 'text/plain',
  body: '{"no json',
};
const at = new Date('2026-01-31T12:00:00Z');

function asRead(letter: ReturnType<typeof toDeadLetter>): SyncMessage {
  return {
    deliveryTag: 1,
    redelivered: false,
    exchange: '',
    routingKey: '',
    messageCount: 0,
    ...letter.envelope,
    body: letter.body,
  };
}

test('a dead letter is the message as it was sent, with the reason, and does not expire', () => {
  const letter = toDeadLetter({ message, source: 'events', reason: 'not JSON' }, 'id-1', at);
  expect(letter.body.toString()).toBe('{"no json');
  expect(letter.envelope).toMatchObject({
    contentType: 'text/plain',
    correlationId: 'c-1',
    messageId: 'm-1',
    durable: true,
  });
  expect(letter.envelope.expiration).toBeUndefined();
  expect(letter.envelope.headers).toMatchObject({ own: 'kept', 'x-tidemark-reason': 'not JSON' });
  expect(letter.envelope.headers).not.toHaveProperty('x-stream-offset');
  expect(readDeadLetter(asRead(letter))).toEqual({
    id: 'id-1',
    source: 'events',
    reason: 'not JSON',
    at: '2026-01-31T12:00:00.000Z',
    offset: 42,
    index: undefined,
    body: '{"no json',
  });
});

test('one event of a message becomes a dead letter by itself', () => {
  const part = { index: 3, event: 'text' };
  const letter = toDeadLetter({ message, source: 'events', reason: 'must be an object', part }, 'id-1', at);
  expect(letter.envelope.contentType).toBe('application/json');
  expect(readDeadLetter(asRead(letter))).toMatchObject({ offset: 42, index: 3, body: '"text"' });
});

test('a message that is sent back carries no trace of having been a dead letter', () => {
  const letter = toDeadLetter({ message, source: 'events', reason: 'not JSON' }, 'id-1', at);
  expect(toOriginal(asRead(letter))).toEqual({
    envelope: {
      contentType: 'text/plain',
      correlationId: 'c-1',
      messageId: 'm-1',
      headers: { own: 'kept' },
      durable: true,
    },
    body: Buffer.from('{"no json'),
  });
});
