import { describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();

/** The text of a good event with one field written as given, because JSON can hold more than an object. */
function withField(field: string, json: string) {
  const { [field as 'modelId']: _, ...rest } = makeUsage({ eventId: `bad-input-${Math.random()}` });
  return `${JSON.stringify(rest).slice(0, -1)},"${field}":${json}}`;
}

const injection = `"'; drop table analytics.events; --"`;

describe.each<[string, string, string]>([
  ['a number in the place of a text', 'modelId', '7'],
  ['a text in the place of a number', 'latencyMs', '"12"'],
  ['an object in the place of a text', 'orgId', '{"$ne":null}'],
  ['an array in the place of a text', 'status', '["success"]'],
  ['nothing in the place of a status', 'status', 'null'],
  ['a boolean in the place of a number', 'outputTokens', 'true'],
  ['a number beyond every number', 'latencyMs', '1e999'],
  ['a number below every number', 'costEstimateCents', '-1e999'],
  ['negative tokens', 'inputTokens', '-1'],
  ['half a token', 'outputTokens', '0.5'],
  ['more tokens than can be added up', 'inputTokens', '9007199254740993'],
  ['a negative latency', 'latencyMs', '-0.001'],
  ['a cost of more than a million dollars', 'costEstimateCents', '100000001'],
  ['an id of 10,000 characters', 'eventId', `"${'a'.repeat(10_000)}"`],
  ['an org of 10,000 characters', 'orgId', `"${'a'.repeat(10_000)}"`],
  ['the org that stands for all', 'orgId', '"*"'],
  ['an empty id', 'eventId', '""'],
  ['a NUL byte', 'modelId', '"gpt\\u0000"'],
  ['a NUL byte in the org', 'orgId', '"ac\\u0000me"'],
  ['half of a surrogate pair', 'clientId', '"\\ud83d"'],
  ['a surrogate pair the wrong way round', 'correlationId', '"\\ude00\\ud83d"'],
  ['a day that does not exist', 'occurredAt', '"2026-02-30T00:00:00Z"'],
  ['a time without a zone', 'occurredAt', '"2026-02-01T00:00:00"'],
  ['an hour that does not exist', 'occurredAt', '"2026-02-01T25:00:00Z"'],
  ['a time as a boolean', 'occurredAt', 'true'],
  ['a time as a number of minutes', 'occurredAt', '29453760'],
  ['a time long ago', 'occurredAt', '"1999-12-31T23:59:59Z"'],
  ['a time far ahead', 'occurredAt', '"2999-01-01T00:00:00Z"'],
  ['an unknown status', 'status', '"ok"'],
  ['an unknown type', 'type', '"constructor"'],
  ['a type that only Tidemark writes', 'type', '"alert"'],
  ['SQL in the place of a status', 'status', injection],
  ['SQL in the place of a time', 'occurredAt', injection],
  ['SQL in the place of a number', 'costEstimateCents', injection],
  ['an unknown field', 'latency', '1'],
  ['a prototype', '__proto__', '{"orgId":"globex","admin":true}'],
  ['a constructor', 'constructor', '{"prototype":{"admin":true}}'],
  ['metadata that is no map of texts', 'metadata', '{"a":{"b":1}}'],
  [
    'a hundred pieces of metadata',
    'metadata',
    JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, '']))),
  ],
  ['metadata a thousand levels deep', 'metadata', `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`],
  ['a text a hundred thousand levels deep', 'modelId', '['.repeat(100_000) + ']'.repeat(100_000)],
])('an event with %s', (_, field, json) => {
  test('is refused by the name of the field, and the event beside it is stored', async () => {
    const good = JSON.stringify(makeUsage());
    const checked = await service.call('/analytics/v1/events/validate', { body: withField(field, json) });
    expect(checked.status).toBe(400);
    expect(checked.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(checked.json.errors).toMatchObject([{ path: expect.stringContaining(`$.${field}`) }]);

    const sent = await service.call('/analytics/v1/events', { body: `[${withField(field, json)},${good}]` });
    expect(sent.status).toBe(207);
    expect(sent.json).toMatchObject({
      received: 2,
      stored: 1,
      rejected: 1,
      errors: [{ index: 0, code: 'invalid' }],
    });
    expect(sent.json.errors[0].detail).toContain(field);
    expect(sent.json.errors[0].detail.length).toBeLessThan(1_000);
  });
});

test.each(['orgId', 'modelId', 'clientId', 'errorCode', 'actorId', 'correlationId', 'eventId'] as const)(
  'SQL in %s is stored as text',
  async (field) => {
    const text = `Robert'); drop table analytics.events; -- ${field} \\ " $1 %s \t {}, NULL \\N`;
    const event = makeUsage({ status: 'error', errorCode: 'x', [field]: text });
    const { status, json } = await service.call('/analytics/v1/events', { body: event });
    expect({ status, stored: json.stored }).toEqual({ status: 200, stored: 1 });
    const { rows } = await service.database.pool.query(
      'select to_jsonb(e)::text as row from analytics.events e',
    );
    expect(rows.filter(({ row }) => row.includes(JSON.stringify(text).slice(1, -1)))).toHaveLength(1);
  },
);

test('no event reaches the prototype of all objects', () => {
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});
