/** An org beyond its bound of detailed series: its totals stay exact, and what it has stays told apart. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { OTHER } from '../../src/series/coarse-series.ts';
import { SECOND, sleep } from '../../src/time.ts';
import { ownName } from '../support/alerting/outbox.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const BOUND = 12;
const service = useService({ QUOTA_DETAILED_SERIES: String(BOUND), QUOTA_SERIES: '40' });

function call(orgId: string, clientId: string, team?: string) {
  return callOf('gpt-4o', { orgId, clientId, ...(team !== undefined && { labels: { team } }) });
}

/** One that succeeded, so that neither its status nor its error code makes another series. */
function callOf(
  modelId: string,
  overrides: { orgId: string; clientId: string; labels?: Record<string, string> },
) {
  const { errorCode: _, ...event } = makeUsage({ modelId, status: 'success', ...overrides });
  return event;
}

async function send(body: object[]) {
  return (await service.call('/analytics/v1/events', { body })).json;
}

async function declareTeam(orgId: string) {
  const path = `/analytics/v1/orgs/${orgId}/labels`;
  expect((await service.call(path, { method: 'PUT', body: { labels: ['team'] } })).status).toBe(200);
}

async function ask(orgId: string, query: Record<string, string> = {}) {
  const text = new URLSearchParams({ granularity: 'none', ...query });
  return (await service.call(`/analytics/v1/orgs/${orgId}/usage?${text}`)).json;
}

async function seriesOf(orgId: string): Promise<number> {
  const { rows } = await service.database.pool.query(
    'select count(*)::int as n from analytics.series where org_id = $1',
    [orgId],
  );
  return rows[0].n;
}

test('beyond the bound new clients count as (other), and known ones by themselves', async () => {
  const orgId = ownName();
  await send(Array.from({ length: BOUND }, (_, n) => call(orgId, `client-${n}`)));
  await send([call(orgId, 'new'), call(orgId, 'newer'), call(orgId, 'client-3')]);
  await rollUp(service.database.pool);
  const { series } = await ask(orgId, { groupBy: 'client' });
  const byClient = Object.fromEntries(
    series.map(({ clientId, invocations }: { clientId: string; invocations: number }) => [
      clientId,
      invocations,
    ]),
  );
  expect(byClient).toMatchObject({ [OTHER]: 2, 'client-3': 2, 'client-0': 1 });
  expect(byClient).not.toHaveProperty('new');
  expect(await seriesOf(orgId)).toBe(BOUND + 1);

  const token = await tokenOf(['org_admin'], [orgId]);
  const { json } = await service.call(`/analytics/v1/orgs/${orgId}/limits`, { token });
  expect(json.limits).toContainEqual({ quota: 'detailed_series', limit: BOUND, used: BOUND + 1 });
  const metrics = await service.call('/metrics');
  expect(metrics.text).toMatch(/tidemark_ingest_merged_rows_total\{source="http"\} [2-9]/);
});

test('one batch with more new series than there is room for fills the room and no more', async () => {
  const orgId = ownName();
  expect(await send(Array.from({ length: 100 }, (_, n) => call(orgId, `c-${n}`)))).toMatchObject({
    stored: 100,
  });
  expect(await seriesOf(orgId)).toBe(BOUND + 1);
});

test('an org at its quota of series is refused new models, and not new clients', async () => {
  const orgId = ownName();
  const clientId = 'client';
  await send(Array.from({ length: 39 }, (_, n) => callOf(`m-${n}`, { orgId, clientId })));
  expect(await send([call(orgId, 'first of the model')])).toMatchObject({ stored: 1 });
  expect(await seriesOf(orgId)).toBe(40);
  const answer = await send([call(orgId, 'a new client'), callOf('one more', { orgId, clientId })]);
  expect(answer.errors).toMatchObject([{ index: 1, code: 'quota_exceeded' }]);
});

test('raw events keep what was sent, and are found by it', async () => {
  const orgId = ownName();
  await send(Array.from({ length: BOUND }, (_, n) => call(orgId, `client-${n}`)));
  const event = call(orgId, 'unheard of');
  await send([event]);
  await rollUp(service.database.pool);
  const { json } = await service.call(`/analytics/v1/orgs/${orgId}/events?clientId=unheard+of`);
  expect(json.events).toMatchObject([{ eventId: event.eventId, clientId: 'unheard of' }]);
});

const name = fc.integer({ min: 0, max: 30 }).map(String);
const batches = fc.array(fc.array(fc.record({ client: name, team: fc.option(name) }), { maxLength: 60 }), {
  minLength: 1,
  maxLength: 6,
});

test('totals are exact, whatever is sent and however it is grouped', { timeout: 120 * SECOND }, async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (sent) => {
      const orgId = ownName();
      await declareTeam(orgId);
      await sleep(2_100);
      const events = sent.map((batch) =>
        batch.map(({ client, team }) => ({ ...call(orgId, client, team ?? undefined), inputTokens: 1_000 })),
      );
      await Promise.all(events.map((batch) => send(batch)));
      await send(events.flat().slice(0, 20));
      await rollUp(service.database.pool);
      const count = events.flat().length;
      for (const groupBy of [undefined, 'client', 'label.team', 'client,label.team']) {
        const { series, totals } = await ask(orgId, groupBy === undefined ? {} : { groupBy });
        const sum = series.reduce((n: number, point: { invocations: number }) => n + point.invocations, 0);
        expect([sum, totals.invocations, totals.inputTokens]).toEqual([count, count, count * 1_000]);
      }
      // A batch is never split, so all that are sent at once may each fill the room.
      expect(await seriesOf(orgId)).toBeLessThanOrEqual(BOUND * events.length + 4);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 6) },
  );
  const { drifts } = await reconcile(service.database.pool);
  expect(drifts).toEqual([]);
});
