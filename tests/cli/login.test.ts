import { expect, test } from 'vitest';
import { redeemLoginCode } from '../../src/auth/sessions/login-codes.ts';
import { systemClock } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { runCommand } from '../support/service/run-command.ts';

const database = useDatabase();

test('login prints a link that signs in once, and the audit log has who made it', async () => {
  const { code, output } = await runCommand(
    ['login', '--sub', 'ada', '--role', 'engineer', '--org', 'acme'],
    { DATABASE_URL: database.url, PUBLIC_URL: 'https://tidemark.example.com/base/' },
  );
  expect(code).toBe(0);
  const [, secret = ''] =
    /^https:\/\/tidemark\.example\.com\/base\/console\/login#code=([\w-]{43})\n$/.exec(output) ?? [];
  const redeem = () => redeemLoginCode({ database: database.pool, clock: systemClock }, secret);
  expect(await redeem()).toMatchObject({
    actor: { id: 'ada', roles: ['engineer'], orgs: ['acme'], via: 'login_link' },
  });
  await expect(redeem()).rejects.toMatchObject({ code: 'unauthenticated' });
  const { rows } = await database.pool.query(
    `select actor_via, subject, after from analytics.audit_log where action = 'login_link.create'`,
  );
  expect(rows).toEqual([
    {
      actor_via: 'command_line',
      subject: 'ada',
      after: { id: 'ada', roles: ['engineer'], orgs: ['acme'] },
    },
  ]);
});

test.each([
  [['login', '--role', 'engineer'], 'the role engineer needs at least one --org'],
  [['login', '--role', 'ingest', '--org', 'acme'], '--role ingest cannot read'],
  [['login', '--org', '*'], '--org "*" is not an org'],
])('%j fails with 1 and says why', async (args, why) => {
  const { code, complaint } = await runCommand(args, { DATABASE_URL: database.url });
  expect(complaint).toContain(why);
  expect(code).toBe(1);
});
