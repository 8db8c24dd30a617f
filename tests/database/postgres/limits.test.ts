import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { goWholeRound } from '../../support/answers/whole-round.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

describe('the smallest possible connection limit', () => {
  const database = useDatabase();

  test('is enough for the whole service, which takes no more', async () => {
    await goWholeRound(database.url, { DATABASE_POOL_MAX: '4' }, async () => {
      const { rows } = await database.pool.query<{ connections: number }>(
        `select count(*)::int as connections from pg_stat_activity
         where datname = current_database() and application_name in ('tidemark read', 'tidemark auth', 'tidemark store', 'tidemark write')`,
      );
      expect(rows[0]?.connections).toBeLessThanOrEqual(4);
    });
  });
});

describe('a query that waits for a lock', () => {
  const service = useService({ REQUEST_TIMEOUT: '1s', DATABASE_POOL_MAX: '5' });
  const ask = () => service.call('/analytics/v1/orgs/acme/usage');

  test('is cancelled on the server when its time is up, and blocks nothing else', {
    timeout: 2 * MINUTE,
  }, async () => {
    const holder = await service.database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('lock table analytics.rollups in access exclusive mode');
      const asked = await Promise.all(Array.from({ length: 6 }, ask));
      // The first runs into the lock, and the others wait for their turn in vain.
      const codes = asked.map(({ json }) => json.code).sort();
      expect(codes).toEqual([...Array(5).fill('overloaded'), 'timed_out']);
      // The writers have connections of their own.
      const sent = await service.call('/analytics/v1/events', { body: makeUsage() });
      expect([sent.status, sent.json.stored]).toEqual([200, 1]);
      const waiting = async () =>
        (
          await service.database.pool.query(
            `select count(*)::int as n from pg_stat_activity
               where datname = current_database() and application_name = 'tidemark read' and state = 'active'`,
          )
        ).rows[0]?.n;
      await expect.poll(waiting, { timeout: 30 * SECOND }).toBe(0);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect((await ask()).status).toBe(200);
  });
});
