/** Raw events found by way of the rollups are those that plain SQL finds. */
import { beforeAll, describe, expect, test } from 'vitest';
import { countEvents } from '../../../src/queries/events/count-events.ts';
import type { EventFilter } from '../../../src/queries/events/event-filter.ts';
import { findEvents } from '../../../src/queries/events/find-events.ts';
import type { EventPlace } from '../../../src/queries/events/read-events.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { type Clock, DAY, HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const ORG = 'found';
const NOW = Date.now();
const all = { start: 0, end: NOW + HOUR };

/** Numbers that look random, and are the same on each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Events of ten days, most of them of the last hours, in two orgs. Some have the same time. */
function someEvents(seed: number, count: number): object[] {
  const next = numbers(seed);
  return Array.from({ length: count }, (_, n) => {
    const ago = Math.round(next() ** 6 * 10 * 24 * 60) * MINUTE + Math.floor(next() * 3) * 20 * SECOND;
    const failed = next() < 0.2;
    return {
      ...{ eventId: `${seed}-${n}`, orgId: next() < 0.8 ? ORG : 'other', correlationId: `c-${n % 9}` },
      ...{ occurredAt: new Date(NOW - ago).toISOString(), modelId: next() < 0.05 ? 'rare' : 'usual' },
      ...{ latencyMs: 5, inputTokens: 1, outputTokens: 1, costEstimateCents: 1 },
      ...{
        status: failed ? 'error' : 'success',
        ...(failed && { errorCode: 'e-1' }),
        metadata: { n: n % 11 },
      },
    };
  });
}

beforeAll(async () => {
  await ingestion.store(...someEvents(1, 600));
  await rollUp(database.pool);
  await promoteAll(database.pool, grainNamed('hour'));
  // Late events: the coarser grains do not have them yet.
  await ingestion.store(...someEvents(2, 200));
  await rollUp(database.pool);
});

/** Each look at the clock takes longer than a search may. */
function impatientClock(): Clock {
  let now = NOW;
  return { now: () => (now += 3 * SECOND) };
}

async function idsByPage(filter: EventFilter, limit: number, clock: Clock) {
  const ids: string[] = [];
  let after: EventPlace | undefined;
  let bounded = 0;
  for (;;) {
    const { rows, bound } = await findEvents({ database: database.pool, clock }, filter, { limit, after });
    ids.push(...rows.map(({ event_id }) => event_id));
    if (bound) bounded++;
    const last = rows.at(-1);
    after = bound?.place ?? (last && { occurredAt: last.occurred_at, eventId: last.event_id });
    if (after === undefined || (!bound && rows.length < limit)) return { ids, bounded };
  }
}

async function idsBySql(where: string, { start, end } = all): Promise<string[]> {
  const { rows } = await database.pool.query<{ event_id: string }>(
    `select event_id from analytics.events
     where org_id = $1 and occurred_at >= $2 and occurred_at < $3 and ${where}
     order by occurred_at desc, event_id desc`,
    [ORG, new Date(start), new Date(end)],
  );
  return rows.map(({ event_id }) => event_id);
}

describe.each<[name: string, filter: Partial<EventFilter>, where: string]>([
  ['everything', {}, 'true'],
  ['a status', { status: 'error' }, `status = 'error'`],
  ['a rare model', { modelId: 'rare' }, `model_id = 'rare'`],
  [
    'an error code of a model',
    { modelId: 'usual', errorCode: 'e-1' },
    `model_id = 'usual' and error_code = 'e-1'`,
  ],
  ['a correlation id', { correlationId: 'c-4' }, `correlation_id = 'c-4'`],
  ['an entry of metadata', { metadata: { key: 'n', value: '7' } }, `attributes->'metadata'->>'n' = '7'`],
  ['nothing', { modelId: 'nobody' }, 'false'],
])('%s', (_name, filter, where) => {
  const wanted = { orgId: ORG, range: all, ...filter };

  test('is found, page by page, in order and once', async () => {
    const expected = await idsBySql(where);
    for (const limit of [7, 100, 1_000])
      expect(await idsByPage(wanted, limit, { now: () => NOW })).toEqual({ ids: expected, bounded: 0 });
  });

  test('is found after a search was ended by its bound', async () => {
    const { ids, bounded } = await idsByPage(wanted, 50, impatientClock());
    expect(ids).toEqual(await idsBySql(where));
    if (ids.length > 0) expect(bounded).toBeGreaterThan(0);
  });
});

test('a range is found and counted exactly, wherever its ends are', async () => {
  const next = numbers(7);
  for (let round = 0; round < 40; round++) {
    const start = NOW - Math.floor(next() ** 2 * 11 * DAY);
    const range = { start, end: start + Math.floor(next() ** 2 * (NOW + HOUR - start)) + 1 };
    const filter = { orgId: ORG, range, ...(round % 2 === 0 && { status: 'error' }) };
    const expected = await idsBySql(round % 2 === 0 ? `status = 'error'` : 'true', range);
    const { ids } = await idsByPage(filter, 1_000, { now: () => NOW });
    expect(ids).toEqual(expected);
    expect(await countEvents(database.pool, filter, NOW)).toBe(expected.length);
  }
});
