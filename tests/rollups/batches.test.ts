import { beforeEach, expect, test } from 'vitest';
import { previewRule } from '../../src/alerts/preview/preview.ts';
import { readRule } from '../../src/alerts/rules/read-rule.ts';
import { claimStream, storedOffset } from '../../src/ingestion/stream-progress.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { previewSources } from '../support/alerting/alerts.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const now = Math.floor(Date.now() / HOUR) * HOUR + 20 * MINUTE;

beforeEach(async () => {
  await database.pool.query('truncate analytics.ingestion_batches');
});

/** Stores one event for each org as a batch, completed this long ago and rolled up after this wait. */
async function batch(ago: number, waited: number, ...orgIds: string[]): Promise<void> {
  const events = orgIds.map((orgId) => makeUsage({ orgId }));
  expect(await ingestion.store(...events, ...events.slice(0, 1), {})).toMatchObject({
    stored: orgIds.length,
    duplicates: 1,
    rejected: 1,
  });
  await rollUp(database.pool);
  const at = now - ago;
  await database.pool.query(
    `update analytics.ingestion_batches set completed_at = $1, rolled_up_at = $2
     where batch_id = (select max(batch_id) from analytics.ingestion_batches)`,
    [new Date(at), new Date(at + waited)],
  );
}

function retain() {
  return applyRetention({
    pool: database.pool,
    log: silentLog,
    rawRetention: 400 * DAY,
    dedupWindow: 400 * DAY,
    now,
  });
}

async function select(what: string) {
  return (
    await database.pool.query(
      `select ${what} from (select * from analytics.ingestion_batches order by completed_at desc) as b`,
    )
  ).rows;
}

function sums() {
  return select(
    'sum(received) as received, sum(stored) as stored, sum(duplicates) as dup, sum(rejected) as rejected',
  );
}

test('batches older than a day are merged by the hour, and their sums stay', async () => {
  const [hour, next] = [2 * DAY + 20 * MINUTE, 2 * DAY - 40 * MINUTE];
  await batch(hour - 5 * MINUTE, SECOND, 'acme', 'globex');
  await batch(hour - 9 * MINUTE, 3 * SECOND, 'acme');
  await batch(hour - 59 * MINUTE, 2 * SECOND, 'initech');
  await batch(next - MINUTE, SECOND, 'acme');
  const before = await sums();
  await retain();
  await retain();
  expect(await sums()).toEqual(before);
  expect(
    await select('stored, org_ids, types, completed_at, rolled_up_at, occurred_from < occurred_to as spread'),
  ).toEqual([
    {
      stored: 1,
      org_ids: ['acme'],
      types: ['usage'],
      completed_at: new Date(now - next + MINUTE),
      rolled_up_at: new Date(now - next + MINUTE + SECOND),
      spread: false,
    },
    {
      stored: 4,
      org_ids: ['acme', 'globex', 'initech'],
      types: ['usage'],
      completed_at: new Date(now - hour + 9 * MINUTE),
      rolled_up_at: new Date(now - hour + 9 * MINUTE + 3 * SECOND),
      spread: true,
    },
  ]);
});

test('batches that wait, waited for long, or are of the last day keep their own row', async () => {
  await batch(2 * DAY, HOUR, 'acme');
  await batch(2 * DAY - SECOND, HOUR, 'acme');
  await batch(DAY - HOUR, SECOND, 'acme');
  await batch(DAY - HOUR, SECOND, 'acme');
  await batch(3 * DAY, SECOND, 'acme');
  await batch(3 * DAY, SECOND, 'acme');
  await database.pool.query(
    'update analytics.ingestion_batches set rolled_up_at = null where completed_at < $1',
    [new Date(now - 2.5 * DAY)],
  );
  await retain();
  expect(await select('stored')).toHaveLength(6);
});

test('the replay of a freshness rule is the same after merging', async () => {
  const began = 3 * DAY;
  await batch(began, 20 * MINUTE, 'acme');
  await batch(began - 5 * MINUTE, SECOND, 'acme');
  await batch(began - 6 * MINUTE, SECOND, 'acme', 'globex');
  const rule = readRule(
    {
      ...{ name: 'r', metric: 'freshness.lag_seconds', type: 'threshold_above', threshold: 300 },
      ...{ forSeconds: 60, intervalSeconds: 30 },
    },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  const replayed = async () =>
    (await previewRule(previewSources(database.pool), { rule, orgId: 'acme', now })).alerts;
  const before = await replayed();
  expect(before).toHaveLength(1);
  await retain();
  expect(await select('stored')).toHaveLength(2);
  expect(await replayed()).toEqual(before);
});

test('a batch without events leaves no row, and its stream still moves on', async () => {
  expect(await ingestion.store()).toMatchObject({ received: 0, stored: 0 });
  const stream = 'empty';
  await claimStream(database.pool, { stream, reader: 'test' }, MINUTE);
  await ingestion.ingest.submit({
    events: [],
    source: 'rabbitmq',
    correlationId: 'x',
    mayIngestFor: () => true,
    step: { stream, after: -1, offset: 7 },
  });
  expect(await storedOffset(database.pool, stream)).toBe(7);
  expect(await select('*')).toEqual([]);
});
