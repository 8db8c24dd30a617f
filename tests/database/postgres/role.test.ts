/** The service needs no more of PostgreSQL than docs/databases.md grants it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPool } from '../../../src/database/pool.ts';
import { goWholeRound } from '../../support/answers/whole-round.ts';
import { usePostgresAsOwner } from '../../support/database/postgres-as-owner.ts';

const postgres = usePostgresAsOwner();

/** The statements of the document, for a role and database of this test. */
async function documented(): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, '../../../docs/databases.md'), 'utf8');
  const [, sql = ''] = /```sql\n(create role tidemark [\s\S]*?)```/.exec(text) ?? [];
  const own = sql.replaceAll('tidemark', 'least').replace("'…'", "'secret'");
  return own
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

test('the documented role is enough for the whole round, and may do nothing else', async () => {
  const statements = await documented();
  expect(statements.length).toBeGreaterThan(3);
  for (const statement of statements) await postgres.owner.query(statement);
  const url = postgres.urlFor({ user: 'least', password: 'secret', database: 'least' });
  await goWholeRound(url);

  const pool = createPool({
    connectionString: url,
    max: 1,
    applicationName: 'tidemark role',
    statementTimeoutMs: 0,
    onError: () => {},
  });
  try {
    for (const statement of [
      'create table public.intruder ()',
      'create role another',
      'create database another',
      'create extension pg_stat_statements',
      `copy (select 1) to program 'true'`,
      'update analytics.audit_log set actor_id = $$nobody$$',
    ]) {
      await expect(pool.query(statement), statement).rejects.toThrow();
    }
  } finally {
    await pool.end();
  }
});
