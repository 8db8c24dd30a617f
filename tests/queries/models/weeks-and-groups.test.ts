/** Weeks that begin on a Monday, several groups at once, and days of a zone for times of which only days of UTC are kept. */
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { makeRequest } from '../../support/service/requests.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const today = Math.floor(Date.now() / DAY) * DAY;

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

function ask(path: string, query: Record<string, string>) {
  return service.call(`${path}?${new URLSearchParams(query)}`);
}

const USAGE = '/analytics/v1/orgs/acme/usage';
const RELIABILITY = '/analytics/v1/orgs/acme/reliability';
const HEALTH = '/api/v1/analytics/health';

function call(daysAgo: number, modelId: string, clientId: string) {
  return makeUsage({ orgId: 'acme', modelId, clientId, occurredAt: iso(today - daysAgo * DAY + 12 * HOUR) });
}

beforeAll(async () => {
  const body = [
    ...Array.from({ length: 21 }, (_, day) => call(day + 2, 'a', 'x')),
    ...[call(3, 'a', 'y'), call(3, 'b', 'x'), call(3, 'b', 'x')],
    ...[call(150, 'old', 'x'), call(151, 'old', 'x'), call(151, 'old', 'x')],
    ...['/a', '/b', '/c'].map((route) => makeRequest({ at: today - 3 * DAY, route })),
    makeRequest({ at: today - 150 * DAY }),
  ];
  expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(body.length);
  await rollUp(service.database.pool);
});

describe('weeks', () => {
  const range = { start: iso(today - 28 * DAY), end: iso(today) };

  test.each([
    ['sunday', 0, 'UTC'],
    ['monday', 1, 'UTC'],
    ['monday', 1, 'Europe/Berlin'],
  ])('begin on %s (%d) in %s, and add up to the same', async (weekStart, weekday, timezone) => {
    const { json } = await ask(USAGE, { ...range, granularity: 'week', weekStart, timezone });
    expect(json.granularity).toBe('week');
    const starts = json.series.map(({ bucketStart }: { bucketStart: string }) => new Date(bucketStart));
    const weekdayOf = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: timezone });
    const name = ['Sunday', 'Monday'][weekday];
    expect([...new Set(starts.map((at: Date) => weekdayOf.format(at)))]).toEqual([name]);
    expect(json.totals.invocations).toBe(24);
    const sum = json.series.reduce(
      (n: number, { invocations }: { invocations: number }) => n + invocations,
      0,
    );
    expect(sum).toBe(24);
  });

  test('begin on another day in no answer', async () => {
    const { json } = await ask(USAGE, { weekStart: 'tuesday' });
    expect(json).toMatchObject({ status: 400, errors: [{ path: 'weekStart' }] });
  });

  test('of health figures begin on the same day', async () => {
    const { json } = await ask(`${HEALTH}/timeseries`, {
      ...range,
      granularity: 'week',
      weekStart: 'monday',
    });
    expect(new Date(json.series[1].bucketStart).getUTCDay()).toBe(1);
    expect(json).toMatchObject({ granularity: 'week', total: 3 });
  });
});

describe('several groups', () => {
  const range = { start: iso(today - 3 * DAY), end: iso(today - 2 * DAY), granularity: 'day' };
  const counts = (series: { modelId: string; clientId: string; invocations: number }[]) =>
    series.map(({ modelId, clientId, invocations }) => [modelId, clientId, invocations]);

  test.each([USAGE, RELIABILITY])('%s has a point for each pair', async (path) => {
    const pairs = [
      ['a', 'x', 1],
      ['a', 'y', 1],
      ['b', 'x', 2],
    ];
    const { json } = await ask(path, { ...range, groupBy: 'model,client' });
    expect(counts(json.series)).toEqual(pairs);
    const reversed = await ask(path, { ...range, groupBy: 'client,model' });
    expect(counts(reversed.json.series)).toEqual([pairs[0], pairs[2], pairs[1]]);
  });

  test('the largest pairs are shown, and the rest is added up', async () => {
    const { json } = await ask(USAGE, { ...range, groupBy: 'model,client', top: '1' });
    expect(json.series).toMatchObject([
      { modelId: 'b', clientId: 'x', invocations: 2 },
      { modelId: null, clientId: null, rest: true, invocations: 2 },
    ]);
    expect(json.restGroups).toBe(2);
  });

  test('filters of routes and methods take several values', async () => {
    const { json } = await ask(`${HEALTH}/api`, { range: '7d', route: '/a,/c', method: 'GET,POST' });
    expect(json.routes.map(({ route }: { route: string }) => route).sort()).toEqual(['/a', '/c']);
  });
});

describe('a time of which only days of UTC are kept', () => {
  const range = { start: iso(today - 155 * DAY), end: iso(today - 145 * DAY), timezone: 'Europe/Berlin' };

  test.each([USAGE, RELIABILITY])('%s is answered in days of UTC, and says so', async (path) => {
    const { status, json } = await ask(path, { ...range, granularity: 'day' });
    expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
    expect(json.timezone).toBe('UTC');
    expect(json.note).toMatch(
      /^a day of Europe\/Berlin is made of hours, which are kept since \S+; the answer is in UTC instead$/,
    );
    expect(json.series).toHaveLength(10);
    expect(json.series[4]).toMatchObject({ bucketStart: iso(today - 151 * DAY), invocations: 2 });
    expect(json.totals.invocations).toBe(3);
  });

  test('figures without a granularity have such days too, and not one point alone', async () => {
    const { json } = await ask(`${HEALTH}/timeseries`, range);
    expect(json).toMatchObject({ timezone: 'UTC', granularity: 'day', total: 1 });
    expect(json.series).toHaveLength(10);
    const recent = await ask(`${HEALTH}/timeseries`, { range: '7d', timezone: 'Europe/Berlin' });
    expect(recent.json).toMatchObject({ timezone: 'Europe/Berlin', granularity: 'day' });
    expect(recent.json.note).toBeUndefined();
  });

  test('hours are kept in no zone, so they are refused', async () => {
    const { json } = await ask(USAGE, { ...range, granularity: 'hour' });
    expect(json).toMatchObject({ code: 'range_not_kept' });
  });
});
