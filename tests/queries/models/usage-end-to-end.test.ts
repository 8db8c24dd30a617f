import { expect, inject, test } from 'vitest';
import { sleep } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const redisUrl = inject('redisUrl');
const service = useService({
  ROLES: 'api,ingest,worker',
  ROLLUP_INTERVAL: '100ms',
  FRESHNESS_CACHE_TTL: '1h',
  ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
});
// Redis is shared with others and outlives the test.
const org = `org-${crypto.randomUUID()}`;

async function ask(what: string) {
  return (await service.call(`/analytics/v1/orgs/${org}/${what}`)).json;
}

async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
  while (!(await isThere())) await sleep(20);
}

test('sent events soon appear in the answers, and freshness follows, round after round', async () => {
  const start = Date.now() - 3_600_000;
  for (let round = 1; round <= 4; round++) {
    const occurredAt = new Date(start + round * 1_000).toISOString();
    const events = Array.from({ length: 10 }, () =>
      makeUsage({ orgId: org, occurredAt, modelId: 'm', status: 'success', latencyMs: 100 * round }),
    );
    const { json } = await service.call('/analytics/v1/events', { body: events });
    expect(json).toMatchObject({ stored: 10 });
    await waitFor(async () => (await ask('usage')).totals.invocations === 10 * round);
    // The cache keeps an hour, and must not keep this answer.
    await waitFor(async () => (await ask('freshness')).entries[0]?.lastEventAt === occurredAt);
    expect(await ask('freshness')).toMatchObject({
      status: 'fresh',
      entries: [{ modelId: 'm', status: 'fresh' }],
    });
    expect((await ask('reliability')).totals).toMatchObject({ invocations: 10 * round, errorRate: 0 });
  }
});
