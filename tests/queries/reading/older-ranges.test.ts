/** A query without a granularity is never refused for it: its points are as fine as is still kept. */
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const ROOT = '/api/v1/analytics';
const now = Date.now();

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** Seven minutes past an hour of UTC, this many days ago. */
function ago(days: number): number {
  return Math.floor((now - days * DAY) / HOUR) * HOUR + 7 * MINUTE;
}

beforeAll(async () => {
  const body = [3, 20, 120, 390].flatMap((days) =>
    [0, 20, 50].map((minutes) => makeJob({ occurredAt: iso(ago(days) + minutes * MINUTE) })),
  );
  expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(body.length);
  while ((await rollUp(service.database.pool)) > 0);
});

const series = {
  ml: 'ml/overview?',
  health: 'health/timeseries?metric=requests&',
  business: 'business/sales?',
} as const;
type Asked = keyof typeof series;

async function ask(what: Asked, days: number, length: number, more: Record<string, string> = {}) {
  const [start, end] = [iso(ago(days)), iso(ago(days) + length)];
  const query = new URLSearchParams({ start, end, ...more });
  return service.call(`${ROOT}/${series[what]}${query}`);
}

describe.each(['UTC', 'Asia/Kathmandu', 'Europe/Berlin'])('in %s', (timezone) => {
  test.each<[Asked, number, number, string]>([
    ['ml', 3, HOUR, 'quarter_hour'],
    ['health', 3, HOUR, 'quarter_hour'],
    ['business', 3, HOUR, 'quarter_hour'],
    ['ml', 3, 6 * HOUR, 'quarter_hour'],
    ['health', 20, DAY, 'hour'],
    ['business', 120, HOUR, 'quarter_hour'],
    ['business', 120, DAY, 'hour'],
    ['business', 390, 30 * DAY, 'day'],
  ])('%s of %d days ago, over %d ms, has the finest points that are kept', async (...asked) => {
    const [what, days, length, granularity] = asked;
    const { status, json } = await ask(what, days, length, { timezone });
    expect({ status, detail: json.detail, granularity: json.granularity }).toEqual({
      status: 200,
      detail: undefined,
      granularity,
    });
    expect(Date.parse(json.start)).toBeLessThanOrEqual(ago(days));
    expect(Date.parse(json.end)).toBeGreaterThanOrEqual(ago(days) + length);
  });
});

test.each([
  ['UTC', HOUR, 'day'],
  ['UTC', 7 * DAY, 'day'],
  // The parts of its days are no longer kept.
  ['Europe/Berlin', 7 * DAY, 'day'],
  ['Asia/Kathmandu', HOUR, expect.stringMatching(/^(day|week|whole)$/)],
])(
  'beyond 90 days, ML jobs in %s over %d ms are whole days of UTC',
  async (timezone, length, granularity) => {
    const { status, json } = await ask('ml', 120, length, { timezone });
    expect({ status, granularity: json.granularity }).toEqual({ status: 200, granularity });
    expect(json.start).toMatch(/T00:00:00.000Z$/);
    expect(json.end).toMatch(/T00:00:00.000Z$/);
    expect(json.totals.jobs.value).toBe(3);
    const counted = json.series.reduce((sum: number, { jobs }: { jobs: number }) => sum + jobs, 0);
    expect(counted).toBe(3);
  },
);

test('a range older than days are kept has weeks', async () => {
  const { json } = await ask('ml', 390, HOUR);
  expect(json.granularity).toBe('day');
  const { status, json: longer } = await ask('health', 1_000, 30 * DAY);
  expect({ status, granularity: longer.granularity }).toEqual({ status: 200, granularity: 'week' });
});

test.each(['UTC', 'Asia/Kathmandu'])('no section of the dashboard in %s is refused', async (timezone) => {
  const failedSections = async (days: number) => {
    const query = new URLSearchParams({ start: iso(ago(days)), end: iso(ago(days) + HOUR), timezone });
    return (await service.call(`${ROOT}/dashboard/summary?${query}`)).json.failed;
  };
  // A busy machine may exceed the time of a section; the next call then finds the answer.
  for (const days of [3, 120]) await expect.poll(() => failedSections(days), { timeout: 60_000 }).toEqual([]);
});

test('a given granularity that is not kept is refused, with one that is', async () => {
  const { status, json } = await ask('ml', 3, HOUR, { granularity: 'minute' });
  expect({ status, code: json.code }).toEqual({ status: 422, code: 'range_not_kept' });
  expect(json.errors[0].message).toMatch(/^minutes are kept since .*use granularity=quarter_hour$/);
});
