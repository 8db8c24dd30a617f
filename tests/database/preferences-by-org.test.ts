import { expect, test } from 'vitest';
import { migrate } from '../../src/database/schema/migrate.ts';
import { useDatabase } from '../support/database/database.ts';
import { silentLog } from '../support/events/ingestion.ts';

const database = useDatabase();
const BEFORE = '0019_quotas';

test('an upgrade gives each org of a preference its own, and the way back joins them', async () => {
  const { pool, url } = database;
  const { rows: later } = await pool.query<{ count: number }>(
    'select count(*) from analytics.migrations where name >= $1',
    [BEFORE],
  );
  const count = later[0]?.count ?? 1;
  await migrate(url, { log: silentLog, direction: 'down', count });
  await pool.query(
    `insert into analytics.notification_preferences (kind, id, orgs, email, channels, version, updated_at, updated_by)
     values ('user', 'bob', '{acme,globex,acme}', 'bob@acme.example', '{}', 3, now(), 'bob'),
       ('team', 'sre', '{*}', null, '{}', 1, now(), 'root')`,
  );
  await migrate(url, { log: silentLog, direction: 'up' });
  const { rows } = await pool.query(
    'select org_id, kind, id, email, version from analytics.notification_preferences order by org_id',
  );
  expect(rows).toEqual([
    { org_id: '*', kind: 'team', id: 'sre', email: null, version: 1 },
    { org_id: 'acme', kind: 'user', id: 'bob', email: 'bob@acme.example', version: 3 },
    { org_id: 'globex', kind: 'user', id: 'bob', email: 'bob@acme.example', version: 3 },
  ]);
  await pool.query(
    `update analytics.notification_preferences set email = 'new', updated_at = updated_at + interval '1 s'
     where org_id = 'globex'`,
  );
  await migrate(url, { log: silentLog, direction: 'down', count });
  const { rows: joined } = await pool.query(
    'select id, orgs, email from analytics.notification_preferences order by id',
  );
  expect(joined).toEqual([
    { id: 'bob', orgs: ['acme', 'globex'], email: 'new' },
    { id: 'sre', orgs: ['*'], email: null },
  ]);
  await migrate(url, { log: silentLog, direction: 'up' });
});
