import { beforeEach, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { rebuild } from '../../../src/rollups/remake/rebuild.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { makeUsage, type UsageEvent } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ FRESHNESS_CACHE_TTL: '0s' });
const minute = Math.floor(Date.now() / MINUTE) * MINUTE;

function at(ago: number, change: Partial<UsageEvent> = {}) {
  return makeUsage({ occurredAt: new Date(minute - ago).toISOString(), ...change });
}

async function send(...events: UsageEvent[]): Promise<void> {
  expect((await service.call('/analytics/v1/events', { body: events })).json.stored).toBe(events.length);
}

async function ask(orgId = 'acme') {
  return (await service.call(`/analytics/v1/orgs/${orgId}/freshness`)).json;
}

async function usageFreshness(orgId = 'acme') {
  return (await service.call(`/analytics/v1/orgs/${orgId}/usage`)).json.freshness;
}

/** Makes the waiting batches this old. */
function age(milliseconds: number, orgId = 'acme') {
  return service.database.pool.query(
    `update analytics.ingestion_batches set completed_at = now() - $1 * interval '1 ms'
     where rolled_up_at is null and $2 = any(org_ids)`,
    [milliseconds, orgId],
  );
}

beforeEach(async () => {
  await service.database.pool.query(
    'truncate analytics.ingestion_batches, analytics.rollups, analytics.folds, analytics.freshness_status',
  );
});

describe('the lag', () => {
  test('is 0 while no batch waits, however old the last event is', async () => {
    await send(at(9 * DAY));
    await rollUp(service.database.pool);
    const { status, lagSeconds, asOf, entries } = await ask();
    expect({ status, lagSeconds }).toEqual({ status: 'fresh', lagSeconds: 0 });
    expect(Date.parse(asOf)).toBeGreaterThan(minute);
    expect(entries).toMatchObject([{ lagSeconds: 0, status: 'fresh' }]);
  });

  test('of an unknown org is 0', async () => {
    expect(await ask('nobody')).toMatchObject({
      orgId: 'nobody',
      status: 'fresh',
      lagSeconds: 0,
      entries: [],
    });
    expect(await usageFreshness('nobody')).toMatchObject({ status: 'fresh', lastRollupAt: null });
  });

  test.each([
    [4 * MINUTE + 50 * SECOND, 'fresh'],
    [5 * MINUTE + SECOND, 'stale'],
    [9 * MINUTE + 50 * SECOND, 'stale'],
    [10 * MINUTE + SECOND, 'delayed'],
    [3 * DAY, 'delayed'],
  ])(
    'is the age of the oldest stored event that waits for its roll-up: %i ms is %s',
    async (milliseconds, status) => {
      await send(at(HOUR));
      await rollUp(service.database.pool);
      await send(at(MINUTE));
      await age(milliseconds);
      await send(at(0));
      const answer = await ask();
      expect(answer.status).toBe(status);
      expect(answer.lagSeconds).toBeGreaterThanOrEqual(milliseconds / SECOND);
      expect(answer.lagSeconds).toBeLessThan(milliseconds / SECOND + 60);
      expect(answer.entries).toMatchObject([{ status, lagSeconds: answer.lagSeconds }]);
      // Everything acknowledged before this moment is in the rollups.
      expect(Date.now() - Date.parse(answer.asOf)).toBeGreaterThanOrEqual(milliseconds);
      expect(await usageFreshness()).toMatchObject({ status });

      while ((await rollUp(service.database.pool)) > 0);
      expect(await ask()).toMatchObject({ status: 'fresh', lagSeconds: 0 });
    },
  );

  test('covers the org itself, not batches of others', async () => {
    await send(at(0, { orgId: 'globex' }), at(0, { orgId: 'initech' }));
    await age(HOUR, 'globex');
    await send(at(0));
    expect((await ask('globex')).status).toBe('delayed');
    expect((await ask('initech')).status).toBe('delayed');
    expect((await ask('acme')).status).toBe('fresh');
  });

  test('does not grow by events that are sent again', async () => {
    const event = at(0);
    await send(event);
    await rollUp(service.database.pool);
    await service.call('/analytics/v1/events', { body: [event, { ...event, latencyMs: 1 }] });
    expect(await ask()).toMatchObject({ lagSeconds: 0 });
  });
});

describe('every model', () => {
  const seen = async (orgId = 'acme') =>
    (await ask(orgId)).entries.map(({ modelId, lastEventAt }: Record<string, string>) => [
      modelId,
      minute - Date.parse(lastEventAt ?? ''),
    ]);

  test('has its own last event, which late events do not change, before and after promotion', async () => {
    await send(at(HOUR, { modelId: 'a' }), at(2 * HOUR, { modelId: 'b' }), at(3 * HOUR, { modelId: 'b' }));
    await rollUp(service.database.pool);
    const first = [
      ['a', HOUR],
      ['b', 2 * HOUR],
    ];
    expect(await seen()).toEqual(first);
    await promoteAll(service.database.pool, grainNamed('day'));
    expect(await seen()).toEqual(first);

    await send(at(MINUTE, { modelId: 'c' }), at(5 * HOUR, { modelId: 'a' }), at(HOUR, { modelId: 'b' }));
    expect(await seen()).toEqual(first);
    await rollUp(service.database.pool);
    const second = [
      ['a', HOUR],
      ['b', HOUR],
      ['c', MINUTE],
    ];
    expect(await seen()).toEqual(second);
    await promoteAll(service.database.pool, grainNamed('quarter_hour'));
    expect(await seen()).toEqual(second);
  });

  test('is still known after a rebuild', async () => {
    await send(at(HOUR, { modelId: 'a', orgId: 'rebuilt' }));
    await rollUp(service.database.pool);
    await rebuild(service.database.pool, { from: new Date(minute - DAY), to: new Date(minute + DAY) });
    expect(await seen('rebuilt')).toEqual([['a', HOUR]]);
    expect(await usageFreshness('rebuilt')).toMatchObject({ lastRollupAt: expect.any(String) });
  });

  test('comes from usage, not from other event types', async () => {
    const event = {
      eventId: 'e',
      orgId: 'acme',
      type: 'inventory',
      occurredAt: new Date(minute).toISOString(),
    };
    await service.call('/analytics/v1/events', { body: { ...event, sku: 's', quantity: 3 } });
    await rollUp(service.database.pool);
    expect((await ask()).entries).toEqual([]);
  });
});

test('freshness is closed to members of another org', async () => {
  const token = await tokenOf(['org_admin'], ['globex']);
  expect((await service.call('/analytics/v1/orgs/acme/freshness', { token })).status).toBe(403);
});

describe('the models', () => {
  const pageOf = async (query: string) =>
    (await service.call(`/analytics/v1/orgs/acme/freshness?${query}`)).json;
  const idsOf = (page: { entries: { modelId: string }[] }) => page.entries.map(({ modelId }) => modelId);

  test('come in pages, those that wait to be rolled up included', async () => {
    await send(...['b', 'd', 'ü'].map((modelId) => at(HOUR, { modelId })));
    await rollUp(service.database.pool);
    await promoteAll(service.database.pool, grainNamed('day'));
    await send(...['a', 'c', 'e'].map((modelId) => at(HOUR, { modelId })));
    await rollUp(service.database.pool);
    const all = await pageOf('');
    expect(idsOf(all)).toEqual(['a', 'b', 'c', 'd', 'e', 'ü']);
    expect(all.next).toBeNull();
    const first = await pageOf('limit=4');
    expect(idsOf(first)).toEqual(['a', 'b', 'c', 'd']);
    const second = await pageOf(`limit=1&after=${first.next}`);
    expect(idsOf(second)).toEqual(['e']);
    const third = await pageOf(`limit=1&after=${second.next}`);
    expect([idsOf(third), third.next]).toEqual([['ü'], null]);
  });

  test('are at most 1,000 of a page, in some kB', async () => {
    await service.database.pool.query(
      `insert into analytics.freshness_status
       select 'many', 'usage', 'm' || n, now(), now() from generate_series(1, 5000) n`,
    );
    const answer = await service.call('/analytics/v1/orgs/many/freshness');
    expect(answer.json.entries).toHaveLength(1_000);
    expect(answer.json.next).toEqual(expect.any(String));
    expect(answer.text.length).toBeLessThan(200_000);
  });

  test.each(['', 'AA', 'PQA', '%00'])('have no page after %j', async (after) => {
    const answer = await service.call(`/analytics/v1/orgs/acme/freshness?after=${after}`);
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ path: 'after' }] } });
  });
});
