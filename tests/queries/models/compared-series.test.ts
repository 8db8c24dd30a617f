/** Usage and reliability by status and error code, beside an earlier time, and in fine buckets. */
import { beforeAll, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { endOfPlainDays } from '../../support/answers/plain-days.ts';
import { askRaw, beside, type RawQuestion, usageFaults } from '../../support/answers/raw-answers.ts';
import { type UsageEvent, usageMaker } from '../../support/events/fixtures.ts';
import { type Answer, useService } from '../../support/service/service.ts';

const service = useService();
const now = Date.now();
const today = Math.floor(now / DAY) * DAY;
const makeUsage = usageMaker(77, now);
const MODELS = ['a', 'b', 'c', 'd', 'e'];

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** Four in ten calls fail, with one of three codes or none. Models have from 1 to 5 of 15 calls. */
function make(count: number, from: number, to: number, change: Partial<UsageEvent> = {}): UsageEvent[] {
  return Array.from({ length: count }, (_each, n) => {
    const status = (['success', 'error', 'success', 'timeout', 'success'] as const)[n % 5] ?? 'success';
    const { errorCode: _, ...event } = makeUsage({
      status,
      modelId: MODELS[Math.floor(Math.sqrt(2 * (n % 15)))] ?? 'e',
      occurredAt: iso(from + (((n * 7_919) % count) / count) * (to - from)),
      ...change,
    });
    const code = ['429', undefined, 'overloaded', 'content_filter'][n % 4];
    return status === 'success' || code === undefined ? event : { ...event, errorCode: code };
  });
}

async function send(events: readonly UsageEvent[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: events.length });
  await rollUp(service.database.pool);
}

beforeAll(async () => {
  await send(make(1_200, today - 6 * DAY, today));
  await promoteAll(service.database.pool, grainNamed('week'));
  await send(make(600, now - 30 * HOUR, now - MINUTE));
  // One model has ceased, and one is new.
  await send(make(40, today - 6 * DAY, today - 5 * DAY, { modelId: 'ceased' }));
  await promoteAll(service.database.pool, grainNamed('hour'));
  await send(make(30, now - 20 * HOUR, now - MINUTE, { modelId: 'new' }));
});

function call(what: 'usage' | 'reliability', query: object): Promise<Answer> {
  const parameters = new URLSearchParams(query as Record<string, string>);
  return service.call(`/analytics/v1/orgs/acme/${what}?${parameters}`);
}

async function ask(what: 'usage' | 'reliability', query: object) {
  const { status, json } = await call(what, query);
  expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
  return json;
}

function raw(asked: Omit<RawQuestion, 'orgId'>) {
  return askRaw(service.database.pool, { ...asked, orgId: 'acme' });
}

const week = { start: iso(today - 6 * DAY), end: iso(today) };
const lastDays = { start: iso(today - 3 * DAY), end: iso(today) };

interface Point {
  bucketStart: string;
  modelId?: string | null;
  rest?: true;
  invocations: number;
  costUsd: string;
  errors: Record<string, number>;
  previous?: Omit<Point, 'previous'> | null;
}

function nanodollars(costUsd: string): bigint {
  const [whole = '0', decimals = ''] = costUsd.split('.');
  return BigInt(whole + decimals.padEnd(9, '0'));
}

function sums(points: readonly Omit<Point, 'previous'>[]) {
  return {
    invocations: points.reduce((sum, { invocations }) => sum + invocations, 0),
    cost: points.reduce((sum, { costUsd }) => sum + nanodollars(costUsd), 0n),
  };
}

describe('numbers by status and by error code', () => {
  test.each(['status', 'errorCode'] as const)('are those of the events, by %s', async (groupBy) => {
    const asked = { ...week, granularity: 'day', groupBy } as const;
    const answer = await ask('usage', asked);
    expect(usageFaults(answer, await raw(asked))).toEqual([]);
    const reliability = await ask('reliability', asked);
    for (const { shown, raw: point } of beside<Point>(reliability, await raw(asked))) {
      expect([shown.invocations, shown.errors?.timeout]).toEqual([
        point?.invocations ?? 0,
        point?.errorTimeout ?? 0,
      ]);
    }
    const names = new Set(answer.series.map((point: Record<string, unknown>) => point[groupBy]));
    const expected = {
      status: ['success', 'error', 'timeout'],
      errorCode: ['429', 'overloaded', 'content_filter', null],
    };
    expect(names).toEqual(new Set(expected[groupBy]));
  });

  test('by three dimensions at once add up to the same', async () => {
    const asked = { ...week, granularity: 'day' };
    const { totals } = await ask('usage', asked);
    const { series } = await ask('usage', { ...asked, groupBy: 'model,status,errorCode' });
    expect(sums(series)).toEqual(sums([totals]));
  });

  test('of one code or of some statuses are those of their groups', async () => {
    const asked = { ...week, granularity: 'none' };
    const { series } = await ask('usage', { ...asked, groupBy: 'errorCode' });
    const of = (codes: string[]) =>
      sums(series.filter(({ errorCode }: { errorCode: string }) => codes.includes(errorCode)));
    for (const codes of [['429'], ['429', 'overloaded']])
      expect(sums([(await ask('usage', { ...asked, errorCode: codes.join(',') })).totals])).toEqual(
        of(codes),
      );
    const failed = await ask('reliability', { ...asked, status: 'error,timeout' });
    expect(failed.totals).toMatchObject({ errorRate: 1 });
  });
});

describe('the largest groups', () => {
  test.each([1, 3, 6])('and the rest add up to the totals, %d of them', async (top) => {
    const asked = { ...week, granularity: 'day', groupBy: 'model', top };
    const { series, totals, restGroups } = await ask('usage', asked);
    const { series: all } = await ask('usage', { ...asked, top: 100 });
    expect(restGroups).toBe(new Set(all.map(({ modelId }: Point) => modelId)).size - top);
    expect(sums(series)).toEqual(sums([totals]));
    expect(sums([totals])).toEqual(sums([(await ask('usage', { ...week, granularity: 'none' })).totals]));
  });

  test.each([
    ['usage', 'invocations', 'count(*)'],
    ['usage', 'cost', 'sum(cost)'],
    ['usage', 'tokens', 'sum(input_tokens + output_tokens)'],
    ['reliability', 'errors', `count(*) filter (where status <> 'success')`],
  ] as const)('of %s are chosen by %s', async (what, topBy, sql) => {
    const { series } = await ask(what, { ...week, granularity: 'none', groupBy: 'model', top: 2, topBy });
    const { rows } = await service.database.pool.query<{ model_id: string }>(
      `select model_id from analytics.events where occurred_at >= $1 and occurred_at < $2
       group by 1 order by ${sql} desc limit 2`,
      [week.start, week.end],
    );
    const shown = (series as Point[]).flatMap(({ rest, modelId }) => (rest ? [] : [modelId]));
    expect(shown).toEqual(rows.map(({ model_id }) => model_id).sort());
  });
});

describe('a comparison', () => {
  test.each(['UTC', 'Asia/Kathmandu'])('has the numbers of the days before, in %s', async (timezone) => {
    const midnight = endOfPlainDays(now) - (timezone === 'UTC' ? 0 : (5 * 60 + 45) * MINUTE);
    const at = (days: number) => iso(midnight + days * DAY);
    const asked = { granularity: 'day', groupBy: 'model', timezone } as const;
    const answer = await ask('usage', { ...asked, start: at(-2), end: at(0), compare: 'previous' });
    const then = await ask('usage', { ...asked, start: at(-4), end: at(-2) });
    expect(answer.comparison).toEqual({ with: 'previous', start: at(-4), end: at(-2) });
    expect(usageFaults(then, await raw({ ...asked, start: at(-4), end: at(-2) }))).toEqual([]);
    const { bucketStart: _, ...previous } = { ...answer.totals.previous };
    expect(previous).toEqual(then.totals);
    const pairs = (points: (Point | null | undefined)[]) =>
      points.flatMap((each) =>
        each?.invocations ? [[each.bucketStart, each.invocations, each.costUsd]] : [],
      );
    const before = answer.series.map((point: Point) => point.previous);
    expect(before).not.toContain(null);
    expect(pairs(before)).toEqual(pairs(then.series));
  });

  test('has a group that has ceased, one that is new, and a rest whose parts add up', async () => {
    const asked = { start: iso(now - DAY), end: iso(now), granularity: 'hour', groupBy: 'model' };
    const ranges = { ...asked, start: iso(today - 3 * DAY), end: iso(today), compare: 'previous' };
    const all = await ask('usage', { ...ranges, granularity: 'none' });
    const of = (model: string) => all.series.find(({ modelId }: Point) => modelId === model);
    expect(of('ceased')).toMatchObject({ invocations: 0, previous: { invocations: 40 } });
    const some = await ask('usage', { ...ranges, top: 2 });
    expect(some.series.filter(({ rest }: Point) => rest)).toHaveLength(72);
    const before = some.series.map(({ previous }: Point) => previous);
    expect(sums(before)).toEqual(sums([some.totals.previous]));
    expect(sums(some.series)).toEqual(sums([some.totals]));
    const { totals } = await ask('usage', { ...asked, compare: 'previous' });
    expect(totals.previous.invocations).toBeGreaterThan(0);
  });

  test('of latencies and errors has those of the time before', async () => {
    const { totals, series } = await ask('reliability', {
      ...lastDays,
      compare: 'previous',
      granularity: 'hour',
    });
    const then = await ask('reliability', { ...week, end: lastDays.start, granularity: 'hour' });
    expect(totals.previous).toEqual(then.totals);
    expect(series.map(({ previous }: Point) => previous?.invocations)).toEqual(
      then.series.map(({ invocations }: Point) => invocations),
    );
  });

  test('leaves out time that is still to come', async () => {
    const asked = { start: iso(today - 3 * DAY), end: iso(today + DAY), compare: 'week' };
    const { end, comparison, series } = await ask('usage', asked);
    expect(Date.parse(end)).toBeLessThanOrEqual(Date.now() + MINUTE);
    // Of a week ago, quarters of an hour are kept.
    expect(Math.abs(Date.parse(end) - 7 * DAY - Date.parse(comparison.end))).toBeLessThan(15 * MINUTE);
    expect(series.at(-1)).toMatchObject({ partial: true, previous: { bucketStart: iso(today - 7 * DAY) } });
  });

  test('says why there is none', async () => {
    const { notCompared, comparison, series, totals } = await ask('usage', {
      ...{
        start: iso(today - 2 * DAY),
        end: iso(today - 2 * DAY + 5 * HOUR),
        granularity: 'hour',
        compare: 'year',
      },
    });
    expect({ comparison, previous: totals.previous }).toEqual({ comparison: undefined, previous: null });
    expect(notCompared).toMatch(/^only whole days of UTC are kept for/);
    expect(new Set(series.map(({ previous }: Point) => previous))).toEqual(new Set([null]));
  });
});

describe('fine buckets', () => {
  test.each([
    ['minute', MINUTE],
    ['quarter_hour', 15 * MINUTE],
  ])('of a %s add up to the events', async (granularity, width) => {
    const end = Math.floor(now / width) * width;
    for (const what of ['usage', 'reliability'] as const) {
      const { series, totals, start } = await ask(what, {
        ...{ start: iso(end - 20 * HOUR), end: iso(end), granularity },
      });
      const { rows } = await service.database.pool.query<{ at: Date; n: number }>(
        `select date_bin($3::interval, occurred_at, '2000-01-01Z') as at, count(*)::int as n from analytics.events
         where occurred_at >= $1 and occurred_at < $2 group by 1 order by 1`,
        [start, iso(end), `${width / 1_000} s`],
      );
      expect(series).toHaveLength((20 * HOUR) / width);
      const filled = (series as Point[]).filter(({ invocations }) => invocations > 0);
      expect(filled.map(({ bucketStart, invocations }) => [bucketStart, invocations])).toEqual(
        rows.map(({ at, n }) => [at.toISOString(), n]),
      );
      expect(totals.invocations).toBe(rows.reduce((sum, { n }) => sum + n, 0));
    }
  });

  test.each([
    [3, 'minute', 'quarter_hour'],
    [120, 'minute', 'day'],
    [120, 'quarter_hour', 'day'],
  ])('that are no longer kept are refused: %d days back, %s', async (days, granularity, advice) => {
    const start = today - days * DAY;
    const { status, json } = await call('usage', { start: iso(start), end: iso(start + HOUR), granularity });
    expect({ status, code: json.code }).toEqual({ status: 422, code: 'range_not_kept' });
    const kept = granularity === 'minute' ? 'minutes are kept since' : 'quarter hours are kept since';
    expect(json.errors).toEqual([
      {
        path: 'start',
        message: expect.stringMatching(new RegExp(`^${kept} \\S+; .* use granularity=${advice}$`)),
      },
    ]);
  });

  test('are refused where there would be too many of them', async () => {
    const { json } = await call('usage', { start: iso(now - 8 * DAY), end: iso(now), granularity: 'minute' });
    expect(json).toMatchObject({ code: 'too_many_points', errors: [{ path: 'granularity' }] });
  });
});

describe('is refused', () => {
  test.each([
    ['groupBy', 'model,client,status,errorCode', '1 to 3 of model'],
    ['groupBy', 'status,model,status', 'must not repeat status'],
    ['groupBy', 'model,', '1 to 3 of model'],
    ['status', 'failed', 'some of success, error, timeout, throttled'],
    ['status', '', 'some of success, error, timeout, throttled'],
    ['topBy', 'fame', 'one of invocations, cost, tokens'],
    ['compare', 'tomorrow', 'one of previous, week, year'],
    ['top', '0', '1'],
    ['errorCode', '', '1'],
  ])('%s=%s', async (path, value, words) => {
    const { status, json } = await call('usage', { [path]: value });
    expect({ status, errors: json.errors }).toEqual({
      status: 400,
      errors: [{ path, message: expect.stringContaining(words) }],
    });
  });
});
