import { describe, expect, test } from 'vitest';
import { createRowMapper } from './row-mapping.ts';

function pairs(values: Record<string, string> = {}) {
  return new Map(Object.entries(values));
}

function mapper(
  { map, set, type }: { map?: Record<string, string>; set?: Record<string, string>; type?: string } = {},
  textual = true,
) {
  const toEvent = createRowMapper({ map: pairs(map), set: pairs(set), ...(type && { type }) }, { textual });
  return (cells: Record<string, unknown>) => ({ ...toEvent(cells) });
}

describe('text cells', () => {
  test('become numbers where the field of the type is a number, and stay text elsewhere', () => {
    expect(
      mapper()({ modelId: '42', latencyMs: '1.5', inputTokens: ' 7 ', costEstimateCents: '1e-3' }),
    ).toEqual({
      modelId: '42',
      latencyMs: 1.5,
      inputTokens: 7,
      costEstimateCents: 0.001,
    });
    expect(mapper()({ type: 'error', code: '500' })).toEqual({ type: 'error', code: '500' });
    expect(mapper({ type: 'api_request' })({ statusCode: '500' })).toEqual({
      type: 'api_request',
      statusCode: 500,
    });
  });

  test.for(['', 'abc', '0x10', '1,000', 'Infinity', '--1', '1 2'])(
    'stay as they are when %j is not a number',
    (given) => {
      expect(mapper()({ inputTokens: given })).toEqual({ inputTokens: given });
    },
  );

  test('with a time are UTC unless they have a zone, and are cut off after microseconds', () => {
    const time = (occurredAt: string) => mapper()({ occurredAt }).occurredAt;
    expect(time('2023-11-16 18:17:03.9799600')).toBe('2023-11-16T18:17:03.979960Z');
    expect(time('2023-11-16T18:17:03.1234567+02:00')).toBe('2023-11-16T16:17:03.123456Z');
    expect(time('1700158623')).toBe('2023-11-16T18:17:03.000Z');
    expect(time(' 1700158623979 ')).toBe('2023-11-16T18:17:03.979Z');
    expect(time('2023')).toBe('2023');
    expect(time('2023-02-30 00:00:00')).toBe('2023-02-30 00:00:00');
  });

  test('with the lines of an order are read as JSON', () => {
    expect(mapper({ type: 'order' })({ items: '[{"sku":"a"}]' })).toEqual({
      type: 'order',
      items: [{ sku: 'a' }],
    });
  });
});

describe('columns', () => {
  test('are read by their mapping or their name, and others are ignored', () => {
    const toEvent = mapper({ map: { occurredAt: 'TIMESTAMP', actorId: 'who', clientId: 'who' } });
    const cells = {
      TIMESTAMP: '2026-01-01T00:00:00Z',
      who: 'ada',
      modelId: 'm',
      price: '3',
      actorId: 'not this one',
    };
    expect(toEvent(cells)).toEqual({
      occurredAt: '2026-01-01T00:00:00.000Z',
      actorId: 'ada',
      clientId: 'ada',
      modelId: 'm',
    });
  });

  test('of metadata are gathered in one object', () => {
    const toEvent = mapper({ map: { 'metadata.region': 'Region' }, set: { 'metadata.from': 'file' } });
    expect(toEvent({ Region: 'eu' })).toEqual({ metadata: { region: 'eu', from: 'file' } });
  });
});

describe('set values', () => {
  test('apply to all rows, in place of a column of that name', () => {
    expect(mapper({ set: { orgId: 'acme', latencyMs: '0' } })({ orgId: 'globex' })).toEqual({
      orgId: 'acme',
      latencyMs: 0,
    });
  });

  test('win over the type of the row, which wins over the default type', () => {
    expect(mapper({ type: 'ml_job' })({ type: 'error' }).type).toBe('error');
    expect(mapper({ type: 'ml_job' })({}).type).toBe('ml_job');
    expect(mapper({ set: { type: 'inventory' } })({ type: 'error', quantity: '3' })).toEqual({
      type: 'inventory',
      quantity: 3,
    });
  });
});

describe('typed values', () => {
  const toEvent = (cells: Record<string, unknown>) =>
    mapper({ map: { inputTokens: 'tokens' }, set: { latencyMs: '5' } }, false)(cells);

  test('are left alone, and unknown keys stay so that they are refused', () => {
    expect(toEvent({ tokens: '7', occurredAt: '2026-01-01 00:00:00', extra: 1 })).toEqual({
      inputTokens: '7',
      occurredAt: '2026-01-01 00:00:00',
      extra: 1,
      latencyMs: 5,
    });
  });

  test('cannot add fields through a prototype', () => {
    const event = createRowMapper(
      { map: pairs(), set: pairs() },
      { textual: false },
    )(JSON.parse('{"__proto__": {"orgId": "acme"}}'));
    expect(event.orgId).toBeUndefined();
    expect(Object.keys(event)).toEqual(['__proto__']);
  });
});

test.for([
  [{ map: { tokens: 'x' } }, '"tokens" is not a field of an event'],
  [{ set: { tokens: 'x' } }, '"tokens" is not a field of an event'],
  [{ map: { orgId: 'x' }, set: { orgId: 'y' } }, '"orgId" is both mapped and set'],
] as const)('%j is refused', ([mapping, message]) => {
  expect(() => mapper(mapping)).toThrow(message);
});
