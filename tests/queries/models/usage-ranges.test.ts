import { beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { usageMaker } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const now = Date.now();
const makeUsage = usageMaker(3, now);

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

async function send(orgId: string, moments: readonly number[]): Promise<void> {
  const body = moments.map((at) => makeUsage({ orgId, occurredAt: iso(at) }));
  const { json } = await service.call('/analytics/v1/events', { body });
  expect(json).toMatchObject({ stored: moments.length });
  await rollUp(service.database.pool);
}

interface Answer {
  granularity: string;
  series: { bucketStart: string; invocations: number; partial?: true }[];
  totals: { invocations: number };
}

async function ask(orgId: string, query: Record<string, string>): Promise<Answer> {
  const { json, status } = await service.call(
    `/analytics/v1/orgs/${orgId}/usage?${new URLSearchParams(query)}`,
  );
  expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
  return json;
}

function sumOf({ series }: Answer): number {
  return series.reduce((sum, { invocations }) => sum + invocations, 0);
}

beforeAll(() =>
  send(
    'acme',
    Array.from({ length: 200 }, (_, n) => now - MINUTE - n * (HOUR / 2)),
  ),
);

test.each(['Asia/Shanghai', 'America/New_York', 'UTC'])(
  'a default range begins and ends at a boundary of %s',
  async (timezone) => {
    for (const granularity of ['day', 'week']) {
      const bucketStart = (await ask('early', { timezone, granularity })).series[0]?.bucketStart ?? '';
      const at = Date.parse(bucketStart);
      // In the first hour of the bucket, and in its last.
      await send('early', [at + MINUTE, at + (granularity === 'day' ? DAY : 7 * DAY) - 61 * MINUTE]);
      const { series } = await ask('early', { timezone, granularity });
      const started = await ask('early', { timezone, granularity, start: bucketStart });
      expect(series[0]).toEqual(started.series[0]);
      expect(series[0]?.invocations).toBeGreaterThanOrEqual(2);
      expect(series[0]?.partial).toBeUndefined();
    }
  },
);

test.each([
  ['minute', DAY],
  ['quarter_hour', 7 * DAY],
  ['month', 100 * DAY],
  ['none', 100 * DAY],
])('granularity=%s adds up to the same', async (granularity, length) => {
  const end = Math.floor(now / HOUR) * HOUR;
  const answer = await ask('acme', { granularity, start: iso(end - length), end: iso(end) });
  const { totals } = await ask('acme', { granularity: 'day', start: iso(end - length), end: iso(end) });
  expect([sumOf(answer), answer.totals.invocations]).toEqual([totals.invocations, totals.invocations]);
  expect(totals.invocations).toBeGreaterThan(40);
  if (granularity === 'none') expect(answer).toMatchObject({ granularity: 'whole', series: { length: 1 } });
  if (granularity === 'month')
    expect(answer.series.at(-1)).toMatchObject({
      ...{ partial: true, bucketStart: expect.stringContaining('-01T00:00:00') },
    });
});

test.each(['minute', 'quarter_hour', 'hour', 'day', 'week', 'month', 'none'])(
  'a range without ends has some buckets of granularity=%s, and the last is marked as partial',
  async (granularity) => {
    const answer = await ask('acme', { granularity });
    expect(answer.series.at(-1)?.partial).toBe(true);
    expect(sumOf(answer)).toBeGreaterThan(40);
    if (granularity === 'month') expect(answer.series).toHaveLength(12);
  },
);
