import { expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const LEVELS = 20_000;
const list = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
const object = `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;

async function send(method: string, path: string, body: string, contentType = 'application/json') {
  const token = await tokenOf(['admin'], ['acme']);
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
  const response = await fetch(service.origin + path, { method, headers, body });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

test.each([
  ['POST', '/api/v1/analytics/alerts/configs'],
  ['POST', '/api/v1/analytics/alerts/configs/preview'],
  ['PUT', '/api/v1/analytics/notifications/preferences/user/bob?orgId=acme'],
  ['POST', '/api/v1/analytics/notifications/webhooks?orgId=acme'],
  ['POST', '/api/v1/analytics/ml/prices'],
  ['POST', '/analytics/v1/api-keys'],
])('%s %s refuses a field that is nested 20,000 deep', async (method, path) => {
  for (const body of [`{"name":"r","other":${list}}`, `{"name":${object}}`, object, list]) {
    const { status, json } = await send(method, path, body);
    expect(json).toMatchObject({
      code: 'invalid_json',
      errors: [{ path: '$', message: 'it is nested deeper than 100 levels' }],
    });
    expect(status).toBe(400);
  }
});

test.each(['application/yaml', 'application/json'])('rules as %s may not be nested so deep', async (type) => {
  for (const body of [list, object, `rules: ${list}`]) {
    expect(await send('POST', '/api/v1/analytics/alerts/configs/import', body, type)).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 400 || status === 415),
    });
  }
});

test('an event whose metadata is nested so deep is refused, and the others of its batch are stored', async () => {
  const event = (eventId: string, metadata: string) =>
    `{"eventId":"${eventId}","orgId":"acme","modelId":"m","occurredAt":"${new Date().toISOString()}","latencyMs":1,
      "status":"success","inputTokens":1,"outputTokens":1,"costEstimateCents":1,"metadata":${metadata}}`;
  const deep = [event('1', `{"x":${list}}`), event('2', object), event('3', list)];
  const { status, json } = await send('POST', '/analytics/v1/events', `[${[...deep, event('4', '{}')]}]`);
  expect(status).toBe(207);
  expect(json).toMatchObject({ received: 4, stored: 1, rejected: 3 });
});
