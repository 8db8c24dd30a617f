import { describe, expect, test } from 'vitest';
import { publicTypes } from '../events/catalogue.ts';
import { fromSnakeCase } from './snake-case.ts';

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('an event in snake_case', () => {
  test('is read in camelCase, and its cost estimate in cents', () => {
    expect(
      plain(
        fromSnakeCase({
          event_id: 'e-1',
          org_id: 'acme',
          occurred_at: '2026-01-31T12:00:00Z',
          correlation_id: 'c-1',
          actor_id: 'a-1',
          model_id: 'm',
          client_id: 'c',
          latency_ms: 12.5,
          status: 'error',
          error_code: 'upstream_500',
          input_tokens: 3,
          output_tokens: 4,
          cached_input_tokens: 1,
          cost_estimate: 0.0125,
        }),
      ),
    ).toEqual({
      eventId: 'e-1',
      orgId: 'acme',
      occurredAt: '2026-01-31T12:00:00Z',
      correlationId: 'c-1',
      actorId: 'a-1',
      modelId: 'm',
      clientId: 'c',
      latencyMs: 12.5,
      status: 'error',
      errorCode: 'upstream_500',
      inputTokens: 3,
      outputTokens: 4,
      cachedInputTokens: 1,
      costEstimateCents: 0.0125,
    });
  });

  test('may use the names of every event type', () => {
    for (const { fields } of publicTypes) {
      for (const name of Object.keys(fields)) {
        const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        expect(plain(fromSnakeCase({ [snake]: 1 }))).toEqual({ [name]: 1 });
      }
    }
  });

  test('may use snake_case within its lines too', () => {
    const event = { order_id: 'o', items: [{ price_cents: 5, sku: 's' }, 'text'] };
    expect(plain(fromSnakeCase(event))).toEqual({
      orderId: 'o',
      items: [{ priceCents: 5, sku: 's' }, 'text'],
    });
  });

  test('loses fields with an empty text', () => {
    expect(plain(fromSnakeCase({ error_code: '', model_id: 'm' }))).toEqual({ modelId: 'm' });
  });
});

describe('these parts of an event stay as they are', () => {
  test('names in camelCase, unknown names and metadata', () => {
    const event = { eventId: 'e', errorCode: '', some_thing: 1, metadata: { model_id: 'm' } };
    expect(fromSnakeCase(event)).toBe(event);
  });

  test('a name that is given in both forms', () => {
    expect(plain(fromSnakeCase({ model_id: 'a', modelId: 'b' }))).toEqual({ model_id: 'a', modelId: 'b' });
  });

  test('a key called __proto__', () => {
    const event = fromSnakeCase(JSON.parse('{"event_id":"e","__proto__":{"orgId":"x"}}')) as Record<
      string,
      unknown
    >;
    expect(event.orgId).toBeUndefined();
    expect(Object.keys(event)).toEqual(['eventId', '__proto__']);
  });

  test.each([null, 1, 'text', [1]])('a value that is not an object: %j', (value) => {
    expect(fromSnakeCase(value)).toBe(value);
  });
});
