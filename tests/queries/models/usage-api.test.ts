import { beforeAll, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { askRaw, type RawQuestion, usageFaults } from '../../support/answers/raw-answers.ts';
import { detailsOf, forgetUsage, type UsageEvent, usageMaker } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const now = Date.now();

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

function startOf(width: number, millis: number): number {
  return Math.floor(millis / width) * width;
}

async function send(events: readonly UsageEvent[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: events.length });
  await rollUp(service.database.pool);
}

const makeUsage = usageMaker(21, now);

function make(count: number, span: number, change: Partial<UsageEvent> = {}): UsageEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const status =
      (['success', 'success', 'success', 'error', 'timeout', 'throttled'] as const)[n % 6] ?? 'success';
    const event = makeUsage({
      status,
      occurredAt: iso(now - MINUTE - ((n * 7_919) % count) * (span / count)),
      ...(n % 4 === 0 && { cachedInputTokens: n % 20 }),
      ...change,
    });
    // One in three names no client.
    if (n % 3 === 0) delete event.clientId;
    if (n % 11 === 0) forgetUsage(event);
    else if (n % 5 === 0) Object.assign(event, detailsOf(n));
    return event;
  });
}

beforeAll(async () => {
  await send(make(1_500, 9 * DAY));
  await promoteAll(service.database.pool, grainNamed('week'));
  await send(make(800, 40 * HOUR));
  await promoteAll(service.database.pool, grainNamed('hour'));
  // Late events, in buckets that every grain has taken in, and events that no grain has yet.
  await send(make(400, 9 * DAY));
  await promoteAll(service.database.pool, grainNamed('quarter_hour'));
  await send(make(300, 30 * HOUR));
  await send(make(500, 3 * DAY, { orgId: 'globex', modelId: 'theirs' }));
});

type Asked = Omit<RawQuestion, 'orgId'> & { orgId?: string };

async function ask({ orgId = 'acme', ...query }: Asked) {
  const { json, status } = await service.call(
    `/analytics/v1/orgs/${orgId}/usage?${new URLSearchParams(query as unknown as Record<string, string>)}`,
  );
  expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
  return json;
}

/** Queries over HTTP, and compares with plain SQL over the range that the answer covers. */
async function compare(asked: Asked) {
  const answer = await ask(asked);
  const raw = await askRaw(service.database.pool, {
    orgId: 'acme',
    ...asked,
    start: answer.start,
    end: answer.end,
  });
  expect(usageFaults(answer, raw)).toEqual([]);
  return answer;
}

const today = startOf(DAY, now);
const ten = { start: iso(today - 10 * DAY), end: iso(today + DAY) };

describe('usage over ten days is the sum of its events', () => {
  test.each(['hour', 'day', 'week'] as const)('for every %s', async (granularity) => {
    const answer = await compare({ ...ten, granularity });
    expect(answer).toMatchObject({ orgId: 'acme', granularity, timezone: 'UTC', ...ten });
    expect(answer.totals.invocations).toBe(3_000);
  });

  test.each(['model', 'client'] as const)('for every %s', async (groupBy) => {
    const answer = await compare({ ...ten, granularity: 'day', groupBy });
    const groups = new Set(answer.series.map((point: Record<string, unknown>) => point[`${groupBy}Id`]));
    expect(groups).toEqual(
      groupBy === 'model' ? new Set(['gpt-4o', 'claude-sonnet']) : new Set(['chat', 'search', null]),
    );
    expect(answer.series).toHaveLength(11 * groups.size);
  });

  test('for every provider, with what is known of its calls', async () => {
    const { series, totals } = await compare({ ...ten, granularity: 'day', groupBy: 'provider' });
    const providers = new Set(series.map(({ provider }: { provider: string | null }) => provider));
    expect(providers).toEqual(new Set(['openai', 'azure', null]));
    const { rows } = await service.database.pool.query<{ ttft: number; nanodollars: string }>(
      `select avg(time_to_first_token)::float8 / 1000 as ttft, sum(cost)::text as nanodollars
       from analytics.events where org_id = 'acme' and type = 'usage'`,
    );
    expect(totals.timeToFirstTokenMs).toBeCloseTo(rows[0]?.ttft ?? 0, 2);
    expect(totals.costUsd.replace('.', '').replace(/^0+/, '')).toBe(rows[0]?.nanodollars.replace(/0+$/, ''));
    expect(totals.unpricedInvocations).toBeGreaterThan(0);
    const one = await ask({ ...ten, provider: 'OpenAI,azure' } as unknown as Asked);
    expect(one.totals).toMatchObject({ unpricedInvocations: 0, withoutUsage: 0 });
    expect(one.totals.invocations).toBeLessThan(totals.invocations);
  });

  test('for one model', async () => {
    const one = await compare({ ...ten, granularity: 'day', modelId: 'gpt-4o' });
    const other = await compare({ ...ten, granularity: 'day', modelId: 'claude-sonnet', groupBy: 'client' });
    expect(one.totals.invocations + other.totals.invocations).toBe(3_000);
    const both = await ask({ ...ten, modelId: 'gpt-4o, claude-sonnet,gpt-4o' } as unknown as Asked);
    expect(both.totals.invocations).toBe(3_000);
    const search = await ask({ ...ten, clientId: 'chat,search', modelId: 'gpt-4o' } as unknown as Asked);
    expect(search.totals.invocations).toBeGreaterThan(0);
    expect(search.totals.invocations).toBeLessThan(one.totals.invocations);
    const none = await compare({ ...ten, granularity: 'day', modelId: `it's none` });
    expect(none.totals).toEqual({
      invocations: 0,
      inputTokens: 0,
      outputTokens: 0,
      cachedInputTokens: 0,
      cacheWriteInputTokens: 0,
      reasoningTokens: 0,
      costEstimateCents: 0,
      costUsd: '0',
      unpricedInvocations: 0,
      withoutUsage: 0,
      timeToFirstTokenMs: null,
    });
    expect(none.series).toHaveLength(11);
  });

  test('for the largest models, and the rest of more models than an answer has room for', async () => {
    await send(make(120, HOUR).map((event, n) => ({ ...event, orgId: 'wide', modelId: `model ${n}` })));
    await send(make(5, HOUR).map((event) => ({ ...event, orgId: 'wide', modelId: 'large' })));
    const wide = { start: iso(now - 6 * DAY), end: iso(now), granularity: 'hour', groupBy: 'model' };
    for (const more of [{}, { top: '1' }]) {
      const query = { ...wide, ...more, orgId: 'wide' };
      const { series, totals, restGroups } = await ask(query as unknown as Asked);
      expect(series.length).toBeLessThanOrEqual(10_000);
      const shown = new Set(
        series.flatMap((point: { rest?: true; modelId: string }) => (point.rest ? [] : [point.modelId])),
      );
      expect(shown).toContain('large');
      expect(shown.size + restGroups).toBe(121);
      if ('top' in more) expect(shown.size).toBe(1);
      const sum = series.reduce((all: number, point: { invocations: number }) => all + point.invocations, 0);
      expect([sum, totals.invocations]).toEqual([125, 125]);
    }
  });

  test('in other zones', async () => {
    for (const timezone of ['Asia/Kathmandu', 'America/New_York', 'Asia/Kolkata']) {
      for (const granularity of ['hour', 'day', 'week'] as const)
        await compare({ ...ten, granularity, timezone, groupBy: 'model' });
    }
  });
});

describe('a range that cuts through buckets', () => {
  test('is answered to the minute where minutes are kept', async () => {
    const start = startOf(MINUTE, now) - 33 * HOUR - 7 * MINUTE;
    for (const end of [
      start + MINUTE,
      start + 8 * MINUTE,
      start + 19 * HOUR,
      start + 32 * HOUR + 11 * MINUTE,
    ]) {
      for (const granularity of ['hour', 'day'] as const) {
        const answer = await compare({ start: iso(start), end: iso(end), granularity });
        expect([answer.start, answer.end]).toEqual([iso(start), iso(end)]);
      }
    }
  });

  test('is widened to the kept rollups, and says so', async () => {
    const start = today - 5 * DAY + 10 * HOUR + 7 * MINUTE;
    const answer = await compare({ start: iso(start), end: iso(start + DAY), granularity: 'hour' });
    expect([answer.start, answer.end]).toEqual([iso(start - 7 * MINUTE), iso(start + DAY + 8 * MINUTE)]);
  });

  test('is half-open: an event on a boundary is in the bucket that it begins', async () => {
    const boundary = startOf(HOUR, now) - 3 * HOUR;
    const event = makeUsage({ occurredAt: iso(boundary), modelId: 'on the dot' });
    const before = makeUsage({
      occurredAt: iso(boundary).replace('00.000Z', '00.000000Z'),
      modelId: 'on the dot',
    });
    const last = makeUsage({ occurredAt: `${iso(boundary - 1).slice(0, -1)}999Z`, modelId: 'on the dot' });
    await send([event, before, last]);
    const counts = async (start: number, end: number) => {
      const answer = await compare({
        start: iso(start),
        end: iso(end),
        granularity: 'hour',
        modelId: 'on the dot',
      });
      return answer.series.map(({ invocations }: { invocations: number }) => invocations);
    };
    expect(await counts(boundary - HOUR, boundary + HOUR)).toEqual([1, 2]);
    expect(await counts(boundary - HOUR, boundary)).toEqual([1]);
    expect(await counts(boundary, boundary + MINUTE)).toEqual([2]);
  });
});

describe('by default', () => {
  test('a query covers the last 30 days by day, up to the end of today', async () => {
    const { json } = await service.call('/analytics/v1/orgs/acme/usage');
    const end = Date.parse(json.end);
    expect(end - Date.parse(json.start)).toBe(30 * DAY);
    expect(end).toBeGreaterThan(now);
    expect(json.series).toHaveLength(30);
    expect(json.granularity).toBe('day');
  });
});

describe('a query is refused for', () => {
  const at = (query: Record<string, string>) =>
    service.call(`/analytics/v1/orgs/acme/usage?${new URLSearchParams(query)}`);

  test.each<[string, Record<string, string>]>([
    ['start', { start: ten.end, end: ten.start }],
    ['start', { start: ten.start, end: ten.start }],
    ['start', { start: '2026-02-30T00:00:00Z' }],
    ['end', { end: 'tomorrow' }],
    ['granularity', { granularity: 'second' }],
    ['timezone', { timezone: 'Mars/Olympus' }],
    ['timezone', { timezone: '+02:00' }],
    ['groupBy', { groupBy: 'state' }],
    ['modelId', { modelId: '' }],
    ['from', { from: ten.start }],
  ])('%s %j', async (name, query) => {
    const { status, json } = await at(query);
    expect(status).toBe(400);
    expect(json.code).toBe('invalid_request');
    expect(json.errors[0].path).toBe(name);
  });

  test('more than 10,000 points, naming the granularity that fits', async () => {
    const start = now - 89 * DAY;
    const fits = await at({ start: iso(start), end: iso(now), granularity: 'hour' });
    expect(fits.status).toBe(200);
    const years = { start: iso(now - 600 * DAY), end: iso(now), granularity: 'hour' };
    const { status, json } = await at(years);
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'too_many_points', errors: [{ path: 'granularity' }] });
    expect(json.detail).toContain('use granularity=day or a shorter range');
    const week = await at({ ...years, granularity: 'week' });
    expect(week.status).toBe(200);
  });

  test('hours that are no longer kept', async () => {
    const { status, json } = await at({ start: iso(now - 120 * DAY), end: iso(now), granularity: 'hour' });
    expect({ status, code: json.code }).toEqual({ status: 422, code: 'range_not_kept' });
    expect(json.detail).toContain('granularity=day');
  });
});

describe('an org', () => {
  test('sees only its own numbers', async () => {
    const theirs = await compare({ ...ten, granularity: 'day', orgId: 'globex', groupBy: 'model' });
    expect(theirs.totals.invocations).toBe(500);
    expect(new Set(theirs.series.map(({ modelId }: { modelId: string }) => modelId))).toEqual(
      new Set(['theirs']),
    );
    const nobody = await ask({ ...ten, granularity: 'day', orgId: 'nobody', groupBy: 'model' });
    expect(nobody).toMatchObject({
      series: [],
      totals: { invocations: 0 },
      freshness: { lastRollupAt: null },
    });
  });

  test('is closed to members of another org', async () => {
    const token = await tokenOf(['org_admin'], ['globex']);
    expect((await service.call('/analytics/v1/orgs/globex/usage', { token })).status).toBe(200);
    const refused = await service.call('/analytics/v1/orgs/acme/usage', { token });
    expect(refused.status).toBe(403);
    expect(refused.text).not.toContain('invocations');
  });

  test('may have any name', async () => {
    for (const orgId of [`o'brien & sons; drop table`, 'größe 👍/..%2f', '__proto__', 'null']) {
      await send([makeUsage({ orgId, occurredAt: iso(now - MINUTE) })]);
      const answer = await ask({ ...ten, granularity: 'day', orgId: encodeURIComponent(orgId) });
      expect(answer).toMatchObject({ orgId, totals: { invocations: 1 } });
    }
  });
});
