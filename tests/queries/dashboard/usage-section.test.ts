/** The section of model calls in the summary, beside sums over raw events. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/auth/roles.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR, sleep } from '../../../src/time.ts';
import { endOfPlainDays } from '../../support/answers/plain-days.ts';
import { forgetUsage, type UsageEvent, usageMaker } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const PATH = '/api/v1/analytics/dashboard/summary';
const today = endOfPlainDays(Date.now());
const makeUsage = usageMaker(5, today);

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** Calls of twelve models. The model `m0` is the dearest, and `m3` costs ten times as much in the last two days. */
function make(count: number, from: number, orgId = 'acme'): UsageEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const model = n % 12;
    const at = from + (n / count) * 4 * DAY;
    const dear = model === 3 && at >= today - 2 * DAY ? 10 : 1;
    const event = makeUsage({
      orgId,
      modelId: `m${model}`,
      status: n % 7 === 0 ? 'error' : 'success',
      occurredAt: iso(at),
      costEstimateCents: (100 - model) * dear + n / 1e7,
    });
    if (n % 13 === 0) forgetUsage(event);
    return event;
  });
}

beforeAll(async () => {
  const send = async (body: UsageEvent[]) => {
    expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(body.length);
    await rollUp(service.database.pool);
  };
  await send(make(1_000, today - 4 * DAY));
  await promoteAll(service.database.pool, grainNamed('day'));
  await send(make(100, today - 4 * DAY, 'globex'));
});

async function section(query: Record<string, string>, role: Role = 'admin') {
  const token = await tokenOf([role], ['acme']);
  for (let calls = 1; ; calls++) {
    const { json } = await service.call(
      `${PATH}?${new URLSearchParams({ sections: 'usage', orgId: 'acme', ...query })}`,
      { token },
    );
    // A busy machine may exceed the time of a section; the next call then finds the answer.
    if (calls === 50 || json.sections?.usage?.status === 'ok') return json.sections.usage.data;
    await sleep(200);
  }
}

interface RawFigures {
  name: string | null;
  invocations: number;
  inputTokens: number;
  outputTokens: number;
  cost: string;
  unpricedInvocations: number;
  errorRate: number;
  p95: number;
}

/** Figures of the raw events, by an expression; in total without one. */
async function raw(from: number, to: number, by = 'null', orgId: string | null = 'acme') {
  const { rows } = await service.database.pool.query<RawFigures>(
    `select ${by} as name, count(*)::int as invocations, sum(input_tokens)::int as "inputTokens",
       sum(output_tokens)::int as "outputTokens", sum(cost)::text as cost,
       count(*) filter (where cost is null)::int as "unpricedInvocations",
       (count(*) filter (where status <> 'success'))::float8 / count(*) as "errorRate",
       percentile_disc(0.95) within group (order by value)::float8 / 1000 as p95
     from analytics.events
     where type = 'usage' and occurred_at >= $1 and occurred_at < $2 and ($3::text is null or org_id = $3)
     group by 1`,
    [iso(from), iso(to), orgId],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

interface Compared {
  value: number;
  previous: number | null;
}

type Figures = Record<string, Compared> & { costUsd: string; modelId: string | null; rest?: true };

function nanodollars(costUsd: string): string {
  const [whole = '0', decimals = ''] = costUsd.split('.');
  return String(BigInt(whole + decimals.padEnd(9, '0')));
}

function expectEqual(shown: Figures, now: RawFigures | undefined, before: RawFigures | undefined) {
  for (const name of [
    'invocations',
    'inputTokens',
    'outputTokens',
    'unpricedInvocations',
    'errorRate',
  ] as const)
    expect([name, shown[name]]).toEqual([
      name,
      expect.objectContaining({ value: now?.[name], previous: before?.[name] ?? null }),
    ]);
  expect(nanodollars(shown.costUsd)).toBe(now?.cost);
  expect(shown.costCents?.previous ?? null).toBe(before ? Number(before.cost) / 1e7 : null);
  const p95 = now?.p95 ?? Number.NaN;
  expect(Math.abs((shown.latencyP95Ms?.value ?? 0) - p95)).toBeLessThanOrEqual(p95 * 0.01);
}

const lastTwo = { start: iso(today - 2 * DAY), end: iso(today) };

describe('the section of model calls', () => {
  test('has the totals of the events, beside those of the time before', async () => {
    const { totals, comparison, granularity } = await section(lastTwo);
    expect(comparison).toEqual({ with: 'previous', start: iso(today - 4 * DAY), end: iso(today - 2 * DAY) });
    const [now, before] = await Promise.all([
      raw(today - 2 * DAY, today),
      raw(today - 4 * DAY, today - 2 * DAY),
    ]);
    expectEqual(totals, now.get(null), before.get(null));
    expect(granularity).toBe('hour');
  });

  test('has the eight dearest models and the rest, which add up to the totals', async () => {
    const { models, totals, restModels } = await section(lastTwo);
    const [now, before] = await Promise.all([
      raw(today - 2 * DAY, today, 'model_id'),
      raw(today - 4 * DAY, today - 2 * DAY, 'model_id'),
    ]);
    const dearest = [...now.values()].sort((a, b) => Number(b.cost) - Number(a.cost)).map(({ name }) => name);
    expect(models.map(({ modelId }: Figures) => modelId)).toEqual([...dearest.slice(0, 8), null]);
    for (const model of models.slice(0, 8))
      expectEqual(model, now.get(model.modelId), before.get(model.modelId));
    expect({ restModels, rest: models.at(-1).rest }).toEqual({ restModels: 4, rest: true });
    const sumOf = (name: string) =>
      models.reduce((sum: number, each: Figures) => sum + (each[name]?.value ?? 0), 0);
    for (const name of ['invocations', 'inputTokens', 'outputTokens', 'unpricedInvocations'])
      expect([name, sumOf(name)]).toEqual([name, totals[name].value]);
    const costs = models.map(({ costUsd }: Figures) => BigInt(nanodollars(costUsd)));
    expect(costs.reduce((sum: bigint, cost: bigint) => sum + cost, 0n)).toBe(
      BigInt(nanodollars(totals.costUsd)),
    );
  });

  test('has a point for each bucket, and they add up to the totals', async () => {
    const { series, totals } = await section(lastTwo);
    expect(series).toHaveLength(48);
    const hours = await raw(today - 2 * DAY, today, `date_trunc('hour', occurred_at, 'UTC')::text`);
    for (const point of series) {
      const at = iso(Date.parse(point.bucketStart)).replace('T', ' ').replace('.000Z', '+00');
      const { invocations = 0, errorRate = null, unpricedInvocations = 0 } = hours.get(at) ?? {};
      expect(point).toMatchObject({ invocations, errorRate, unpricedInvocations });
    }
    const sum = series.reduce((n: number, { invocations }: { invocations: number }) => n + invocations, 0);
    expect(sum).toBe(totals.invocations.value);
  });

  test('names the model whose cost has changed most', async () => {
    const { largestChanges } = await section(lastTwo);
    expect(largestChanges).toHaveLength(3);
    expect(largestChanges[0]).toMatchObject({ modelId: 'm3' });
    expect(largestChanges[0].costCents.changePercent).toBeGreaterThan(500);
  });

  test('shows a model that has ceased, and nothing where there are no calls', async () => {
    const { models, totals, largestChanges } = await section({ start: iso(today), end: iso(today + DAY) });
    expect(totals).toMatchObject({ invocations: { value: 0 }, errorRate: { value: null }, costUsd: '0' });
    expect(models[0]).toMatchObject({ costCents: { value: 0 }, costShare: null });
    expect(largestChanges.length).toBeGreaterThan(0);
    const none = await section({ orgId: 'nobody' });
    expect(none).toMatchObject({ models: [], restModels: 0, largestChanges: [] });
  });

  test('is of all orgs together for an admin', async () => {
    const { totals, orgId } = await section({ ...lastTwo, orgId: '*' });
    expect(orgId).toBeNull();
    const now = await raw(today - 2 * DAY, today, 'null', null);
    expect(nanodollars(totals.costUsd)).toBe(now.get(null)?.cost);
  });

  test('has no figures of reliability for a role that may not read them', async () => {
    const [all, some] = [await section(lastTwo), await section(lastTwo, 'finance')];
    expect(JSON.stringify(all)).toMatch(/errorRate.*latencyP95Ms/);
    expect(JSON.stringify(some)).not.toMatch(/errorRate|latencyP95Ms/);
    expect(some.totals.costUsd).toBe(all.totals.costUsd);
    expect(some.series).toHaveLength(48);
  });

  test('widens to days for a month, and cuts it in the zone of the question', async () => {
    const at = (days: number) => iso(today - days * DAY - 5.5 * HOUR);
    const { granularity, series } = await section({ start: at(6), end: at(1), timezone: 'Asia/Kolkata' });
    expect(granularity).toBe('day');
    expect(series.map(({ bucketStart }: { bucketStart: string }) => bucketStart)).toEqual(
      [6, 5, 4, 3, 2].map(at),
    );
  });
});
