import { expect, test } from 'vitest';
import { makeUsage } from '../support/events/fixtures.ts';
import { useService } from '../support/service/service.ts';

const service = useService();

async function reportedLag(): Promise<number> {
  const { text } = await service.call('/metrics');
  return Number(/^tidemark_rollup_lag_seconds (\S+)$/m.exec(text)?.[1]);
}

test('a process without the role worker reports how far roll-ups are behind', async () => {
  await service.call('/analytics/v1/events', { body: [makeUsage()] });
  await service.database.pool.query(
    `update analytics.ingestion_batches set completed_at = now() - interval '11 minutes'`,
  );
  await expect.poll(reportedLag, { timeout: 15_000, interval: 500 }).toBeGreaterThan(600);
});
