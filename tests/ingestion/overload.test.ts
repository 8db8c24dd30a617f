import { expect, test } from 'vitest';
import { sleep } from '../../src/time.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useService } from '../support/service/service.ts';

// The test has one caller, which may hold as many events as are still free: 90 and 10, but not 90 and 11, of 190.
const service = useService({ MAX_QUEUED_EVENTS: '190', INGESTION_BATCH_TIMEOUT: '0ms' });

function makeMany(count: number) {
  return Array.from({ length: count }, () => makeUsage());
}

function send(count: number) {
  return service.call('/analytics/v1/events', { body: makeMany(count) });
}

async function count(): Promise<number> {
  const { rows } = await service.database.pool.query<{ count: number }>(
    'select count(*) from analytics.events',
  );
  return rows[0]?.count ?? 0;
}

/** Locks the ledger until the returned function is called. */
async function holdUpLedger(): Promise<() => Promise<void>> {
  const client = await service.database.pool.connect();
  await client.query('begin');
  await client.query('lock table analytics.event_keys in access exclusive mode');
  return async () => {
    await client.query('commit');
    client.release();
  };
}

async function queued(): Promise<number> {
  const { text } = await service.call('/metrics');
  return Number(/^tidemark_queue_events (\d+)$/m.exec(text)?.[1] ?? expect.fail('the metric is missing'));
}

test('beyond the limit callers are told to retry, and no accepted event is lost', async () => {
  const before = await count();
  const goOn = await holdUpLedger();
  const accepted = [send(60), send(30)];
  while ((await queued()) < 90) await sleep(10);
  const refused = await send(11);
  expect(refused.status).toBe(429);
  expect(refused.json).toMatchObject({ code: 'overloaded' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  accepted.push(send(10));
  while ((await queued()) < 100) await sleep(10);
  expect((await send(1)).status).toBe(429);
  await goOn();
  expect((await Promise.all(accepted)).map(({ json }) => json.stored)).toEqual([60, 30, 10]);
  expect(await count()).toBe(before + 100);
  expect((await send(11)).json).toMatchObject({ stored: 11 });
});

test('a submission larger than the limit is accepted when nothing waits', async () => {
  expect((await send(500)).json).toMatchObject({ stored: 500 });
});
