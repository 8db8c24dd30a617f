/** Behind PgBouncer in transaction mode, where two transactions may use different sessions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../src/database/schema/migrate.ts';
import { goWholeRound } from '../../support/answers/whole-round.ts';
import { usePostgresAsOwner } from '../../support/database/postgres-as-owner.ts';
import { skipUnless } from '../../support/skip-unless.ts';
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from './pgbouncer.ts';

const SESSIONS = 4;
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

describe('PgBouncer', skipUnless(hasPgbouncer, 'needs pgbouncer'), () => {
  const postgres = usePostgresAsOwner();
  let pgbouncer: Pgbouncer;
  beforeAll(async () => {
    // Session settings do not come through, so the database has these.
    await postgres.owner.query(`create role pooled login password 'secret'`);
    await postgres.owner.query(`create database pooled owner pooled`);
    await postgres.owner.query(`alter role pooled set timezone = 'Asia/Kathmandu'`);
    await postgres.owner.query(`alter role pooled set statement_timeout = '60s'`);
    const databaseUrl = postgres.urlFor({ user: 'pooled', password: 'secret', database: 'pooled' });
    pgbouncer = await startPgbouncer({ databaseUrl, sessions: SESSIONS });
  });
  afterAll(() => pgbouncer.stop());

  test('lets the whole service work on a few shared sessions', async () => {
    await goWholeRound(pgbouncer.url, { DATABASE_POOL_MAX: '20' }, async () => {
      const { rows } = await postgres.owner.query<{ sessions: number }>(
        `select count(*)::int as sessions from pg_stat_activity where usename = 'pooled'`,
      );
      expect(rows[0]?.sessions).toBeGreaterThan(0);
      expect(rows[0]?.sessions).toBeLessThanOrEqual(SESSIONS);
    });
  });

  test('lets one of several migrating commands migrate, and the others find it done', async () => {
    await postgres.owner.query('drop database pooled with (force)');
    await postgres.owner.query('create database pooled owner pooled');
    const up = () => migrate(pgbouncer.url, { log: quiet, direction: 'up' });
    const done = await Promise.all([up(), up()]);
    expect(done.map(({ length }) => length > 0).sort()).toEqual([false, true]);
  });
});
