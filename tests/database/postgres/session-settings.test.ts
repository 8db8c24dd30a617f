/** Sessions have the settings that we rely on, whatever the server, database, role or URL says. */
import { describe, expect, test } from 'vitest';
import { startApp } from '../../../src/app/app.ts';
import { loadConfig } from '../../../src/config.ts';
import { migrate } from '../../../src/database/schema/migrate.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { goWholeRound } from '../../support/answers/whole-round.ts';
import { usePostgresAsOwner } from '../../support/database/postgres-as-owner.ts';
import { JWT_SECRET } from '../../support/service/service.ts';
import { skipUnless } from '../../support/skip-unless.ts';
import { hasPgbouncer, startPgbouncer } from './pgbouncer.ts';

const postgres = usePostgresAsOwner();
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

async function databaseWith(name: string, settings: readonly string[]): Promise<string> {
  await postgres.owner.query(`create database ${name}`);
  for (const setting of settings) await postgres.owner.query(`alter database ${name} set ${setting}`);
  return postgres.urlFor({ database: name });
}

test('the whole round works on a database with settings of its own', async () => {
  const url = await databaseWith('own_ways', [
    `datestyle = 'SQL, DMY'`,
    `intervalstyle = 'iso_8601'`,
    `timezone = 'Asia/Kathmandu'`,
    `extra_float_digits = -15`,
    `standard_conforming_strings = off`,
    `bytea_output = 'escape'`,
    `array_nulls = off`,
    `transform_null_equals = on`,
    `quote_all_identifiers = on`,
    `default_transaction_isolation = 'serializable'`,
    `search_path = ''`,
    `statement_timeout = '20ms'`,
    `lock_timeout = '1ms'`,
    `idle_session_timeout = '50ms'`,
  ]);
  await goWholeRound(url);
});

test('a URL that replaces such a setting is refused by name, and any other setting of a URL holds', async () => {
  const url = new URL(await databaseWith('by_url', []));
  url.searchParams.set('options', '-c datestyle=German -c extra_float_digits=0');
  await expect(migrate(url.href, { log: quiet, direction: 'up' })).rejects.toThrow(
    `have DateStyle = 'German, DMY', extra_float_digits = '0', with which numbers would be wrong`,
  );
  url.searchParams.set('options', '-c work_mem=1MB');
  expect((await migrate(url.href, { log: quiet, direction: 'up' })).length).toBeGreaterThan(0);
});

describe(
  'behind a PgBouncer that drops start-up options',
  skipUnless(hasPgbouncer, 'needs pgbouncer'),
  () => {
    test('the refusal gives the statements that help', async () => {
      const pooled = await startPgbouncer({
        databaseUrl: await databaseWith('pooled', [`datestyle = 'SQL, DMY'`, 'transform_null_equals = on']),
        sessions: 3,
      });
      try {
        const refusal = await migrate(pooled.url, { log: quiet, direction: 'up' }).catch(String);
        const statements = [...String(refusal).matchAll(/^ {2}(alter role .*)$/gm)].map(
          ([, sql = '']) => sql,
        );
        expect(statements).toHaveLength(2);
        for (const statement of statements) await postgres.owner.query(statement);
      } finally {
        await pooled.stop();
      }
      // PgBouncer keeps the sessions that it has, so a new one must open its own.
      const again = await startPgbouncer({
        databaseUrl: postgres.urlFor({ database: 'pooled' }),
        sessions: 3,
      });
      try {
        expect((await migrate(again.url, { log: quiet, direction: 'up' })).length).toBeGreaterThan(0);
      } finally {
        await again.stop();
      }
    });
  },
);

test('the start warns of a server that may lose what it has committed', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } });
  const url = await databaseWith('hasty', ['synchronous_commit = off']);
  const app = await startApp(
    loadConfig({ HTTP_PORT: '0', JWT_SECRET, DATABASE_URL: url, ROLES: 'api' }),
    log,
  );
  await app.stop();
  expect(lines.join()).toContain('acknowledged events may be lost in a crash');
  expect(lines.join()).toContain('"settings":["synchronous_commit"]');
});
