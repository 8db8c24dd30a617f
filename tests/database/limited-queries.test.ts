import { expect, test } from 'vitest';
import { limitQueries } from '../../src/database/limited-queries.ts';
import { Places } from '../../src/database/places.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();
const HANG = 'select pg_sleep(3600)';

function limited(places: Places, timeoutMs = 60_000) {
  return limitQueries(database.pool, { places: [places], timeoutMs });
}

async function waiting() {
  const { rows } = await database.pool.query(
    `select count(*)::int as hanging from pg_stat_activity where query = $1 and state = 'active'`,
    [HANG],
  );
  return rows[0].hanging;
}

test('a query is answered, and leaves nothing behind on its connection', async () => {
  const places = new Places(1);
  const { rows } = await limited(places, 12_345).query(
    `select $1::int as given, current_setting('statement_timeout') as timeout`,
    [7],
  );
  expect(rows).toEqual([{ given: 7, timeout: '12345ms' }]);
  const clients = await Promise.all(Array.from({ length: 5 }, () => database.pool.connect()));
  for (const client of clients) {
    expect((await client.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '1min' }]);
    client.release();
  }
});

test('no more connections are held than there are places', async () => {
  const queries = limited(new Places(2), 2_000);
  const hanging = Array.from({ length: 4 }, () => queries.query(HANG).catch((error) => error));
  await expect.poll(waiting, { timeout: 30_000 }).toBe(2);
  expect(database.pool.totalCount - database.pool.idleCount).toBeLessThanOrEqual(3);
  await Promise.all(hanging);
});

test('a query that takes too long is cancelled, and frees its place', async () => {
  const queries = limited(new Places(1), 200);
  await expect(queries.query(HANG)).rejects.toMatchObject({ code: '57014' });
  expect((await queries.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a query without a place in time is not sent', async () => {
  const places = new Places(1);
  expect(await places.enter(0)).toBe(true);
  await expect(limited(places, 10).query('select 1')).rejects.toMatchObject({ code: 'timed_out' });
  places.leave();
  expect((await limited(places).query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a failed query frees its place too', async () => {
  const places = new Places(1);
  await expect(limited(places).query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
  expect((await limited(places).query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
