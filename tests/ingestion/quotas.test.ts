import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { IngestResult } from '../../src/ingestion/ingest.ts';
import type { EventError } from '../../src/ingestion/refused-events.ts';
import { type Ingestion, startIngestion } from '../../src/ingestion/start-ingestion.ts';
import type { Source } from '../../src/ingestion/store-batch.ts';
import { limitsOf } from '../../src/quotas/quota.ts';
import { quotaUse } from '../../src/quotas/quota-use.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { DAY, SECOND } from '../../src/time.ts';
import { ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';

const database = useDatabase();
const clock = { at: Date.now(), now: () => clock.at };
const patience = { timeout: 20 * SECOND, interval: 100 };

/** Ingestion with quotas, as one process of the service. */
function useProcess(env: Record<string, string>) {
  const config = loadConfig(env);
  let ingestion: Ingestion | undefined;
  beforeAll(() => {
    ingestion = startIngestion({
      config,
      pool: database.pool,
      clock,
      log: silentLog,
      metrics: createMetrics(),
    });
  });
  afterAll(() => ingestion?.stop());
  return {
    async send(orgId: string, count: number, source: Source = 'http', letters: EventError[] = []) {
      const events = Array.from({ length: count }, () =>
        makeUsage({ orgId, occurredAt: new Date(clock.at).toISOString() }),
      );
      return ingestion?.ingest.submit({
        events,
        source,
        correlationId: 'test',
        mayIngestFor: () => true,
        onRejected: async (errors) => void letters.push(...errors),
      }) as Promise<IngestResult>;
    },
    async used(orgId: string) {
      const uses = await quotaUse(database.pool, limitsOf(config), orgId, clock.at);
      return Object.fromEntries(uses.map(({ quota, used }) => [quota, used]));
    },
  };
}

const [one, two] = [useProcess({ QUOTA_EVENTS_PER_DAY: '20' }), useProcess({ QUOTA_EVENTS_PER_DAY: '20' })];
const small = useProcess({ QUOTA_STORED_BYTES: '3000', RAW_RETENTION: '2d' });

test('an org that has sent the events of its day is refused by every process, and no other org is', async () => {
  const [full, neighbour] = [ownName(), ownName()];
  expect(await one.send(full, 15)).toMatchObject({ stored: 15 });
  expect(await two.send(full, 15)).toMatchObject({ stored: 15 });
  await expect.poll(() => one.used(full), patience).toMatchObject({ events_per_day: 30 });
  // A process learns the total once it has counted events of the org itself.
  for (const process of [one, two]) {
    await expect.poll(async () => (await process.send(full, 1)).rejected, patience).toBe(1);
  }
  const letters: EventError[] = [];
  expect(await one.send(full, 2, 'rabbitmq', letters)).toMatchObject({ stored: 0, rejected: 2 });
  expect(letters).toMatchObject([
    {
      code: 'quota_exceeded',
      detail: expect.stringMatching(/^The quota events_per_day .* 20 events a day\. Wait/),
    },
    { code: 'quota_exceeded' },
  ]);
  expect(await one.send(full, 2, 'import')).toMatchObject({ stored: 2 });
  expect(await one.send(neighbour, 15)).toMatchObject({ stored: 15, rejected: 0 });

  clock.at += DAY;
  expect(await one.send(full, 1)).toMatchObject({ stored: 1 });
});

test('an org whose kept events have reached their bytes is refused until old ones are removed', async () => {
  const [full, neighbour] = [ownName(), ownName()];
  expect(await small.send(full, 20)).toMatchObject({ stored: 20 });
  let kept = 20;
  const sendOne = async () => {
    const { stored, rejected } = await small.send(full, 1);
    kept += stored;
    return rejected;
  };
  await expect.poll(sendOne, patience).toBe(1);
  const { stored_bytes: bytes = 0 } = await small.used(full);
  expect(bytes).toBeGreaterThan(3_000);
  expect(bytes).toBeLessThan(kept * 1_000);
  expect(await small.send(neighbour, 1)).toMatchObject({ stored: 1 });
  clock.at += DAY;
  // Events that came in just before the refusal are added within one interval.
  expect((await small.used(full)).stored_bytes).toBeGreaterThanOrEqual(bytes);
  clock.at += DAY;
  await expect.poll(async () => (await small.used(full)).stored_bytes, patience).toBe(0);
  await expect.poll(async () => (await small.send(full, 1)).stored, patience).toBe(1);
});
