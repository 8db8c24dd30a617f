import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKeys } from '../../src/auth/api-keys.ts';
import { createTokenVerifier } from '../../src/auth/jwt.ts';
import { localSecret } from '../../src/auth/local-secret.ts';
import { DAY, systemClock } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { runCommand } from '../support/service/run-command.ts';

const database = useDatabase();
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-access-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

function tidemark(args: string[], env: Record<string, string> = {}) {
  return runCommand(args, { DATABASE_URL: database.url, DATA_DIR: dataDir, ...env });
}

describe('tidemark keys', () => {
  const keys = () => createApiKeys({ database: database.pool, clock: systemClock });
  let key: string;
  let id: string;

  test('create shows a key that works', async () => {
    const { code, output } = await tidemark([
      'keys',
      'create',
      '--name',
      'gateway',
      '--org',
      'acme',
      'globex',
    ]);
    expect(code).toBe(0);
    key = /tmk_\S+/.exec(output)?.[0] ?? '';
    const actor = await keys().verify(key);
    expect(actor).toMatchObject({ roles: ['ingest'], orgs: ['acme', 'globex'] });
    id = actor.id;
  });

  test('list shows the key without its secret', async () => {
    const { output } = await tidemark(['keys', 'list']);
    expect(output).toMatch(new RegExp(`${id} +gateway +ingest +acme, globex .* active`));
    expect(output).not.toContain(key.slice(-43));
  });

  test('revoke ends the key', async () => {
    expect(await tidemark(['keys', 'revoke', id])).toMatchObject({ code: 0 });
    await expect(keys().verify(key)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await tidemark(['keys', 'list'])).output).toContain('revoked');
  });

  test('create and revoke each leave a line in the audit log', async () => {
    const { rows } = await database.pool.query(
      'select action, subject, actor_via, route from analytics.audit_log order by id',
    );
    expect(rows).toEqual([
      { action: 'api_key.create', subject: id, actor_via: 'command_line', route: 'tidemark keys' },
      { action: 'api_key.revoke', subject: id, actor_via: 'command_line', route: 'tidemark keys' },
    ]);
  });

  test.for([
    [['keys', 'revoke', 'nope'], 'There is no API key with this id.'],
    [['tokens', 'revoke'], 'give either a subject or --org'],
    [['tokens', 'revoke', 'ada', '--org', 'acme'], 'give either a subject or --org'],
    [['tokens', 'revoke', '--org', '*'], '"*" is not the name of an org'],
    [['token', '--ttl', '91d'], '--ttl must be at most 90 days (MAX_TOKEN_LIFETIME)'],
    [['keys', 'create', '--name', 'x'], 'orgs: must name at least one org'],
    [['keys', 'create', '--name', 'x', '--org', '*'], 'orgs: must name each org'],
    [['token', '--role', 'engineer', '--org', '*'], 'is not an org; use --role admin to reach all orgs'],
    [['keys', 'create', '--name', 'x', '--role', 'king'], 'Allowed choices are admin'],
    [['keys', 'create', '--name', 'x', '--org', 'a', '--expires-in', 'soon'], 'a duration from 1s to 3650d'],
  ] as const)('%j fails with 1 and says why', async ([args, why]) => {
    const { code, complaint } = await tidemark([...args]);
    expect(complaint).toContain(why);
    expect(code).toBe(1);
  });
});

describe('tidemark token', () => {
  const verify = async (secret: string, token: string) => {
    const read = createTokenVerifier({
      keys: { secret },
      clock: systemClock,
      audience: undefined,
      issuer: undefined,
      maxLifetime: 90 * DAY,
    });
    return (await read(token)).actor;
  };

  test('prints a token that the service of this data directory accepts', async () => {
    const { output } = await tidemark([
      'token',
      '--sub',
      'ada',
      '--role',
      'engineer',
      'finance',
      '--org',
      'acme',
    ]);
    expect(await verify(await localSecret(dataDir), output.trim())).toEqual({
      id: 'ada',
      roles: ['engineer', 'finance'],
      orgs: ['acme'],
      via: 'jwt',
    });
  });

  test('signs with JWT_SECRET if it is set', async () => {
    const secret = 'a secret of thirty-two bytes or more';
    const { output } = await tidemark(['token'], { JWT_SECRET: secret });
    expect(await verify(secret, output.trim())).toMatchObject({ roles: ['admin'] });
  });

  test('refuses to sign where an identity provider issues tokens, and for a role without the org it needs', async () => {
    const elsewhere = await tidemark(['token'], { JWKS_URL: 'https://id.example/jwks' });
    expect(elsewhere).toMatchObject({ code: 1, output: '', complaint: expect.stringContaining('JWKS_URL') });
    expect((await tidemark(['token', '--role', 'finance'])).complaint).toContain('needs at least one --org');
  });
});

describe('tidemark migrate', () => {
  test('goes down one migration, and up again', async () => {
    const down = await tidemark(['migrate', 'down', '--yes']);
    expect(down.output).toMatch(/down {2}\d{4}_\w+/);
    const name = /\d{4}_\w+/.exec(down.output)?.[0];
    expect((await tidemark(['migrate'])).output).toContain(`up  ${name}`);
    expect((await tidemark(['migrate', 'up'])).output).toContain('nothing to do');
  });
});

describe('tidemark tokens', () => {
  test('revoke ends the tokens of a subject or an org, list shows it, and the audit log has it', async () => {
    const ended = await tidemark(['tokens', 'revoke', 'ada\u001b[31m']);
    expect(ended).toMatchObject({
      code: 0,
      output: expect.stringContaining('the subject ada\\u001b[31m that'),
    });
    expect(await tidemark(['tokens', 'revoke', '--org', 'acme'])).toMatchObject({ code: 0 });
    const { output } = await tidemark(['tokens', 'list']);
    expect(output).toMatch(/the org acme .* UTC .*\n.*the subject ada\\u001b\[31m/);
    const { rows } = await database.pool.query(
      `select subject, org_id, actor_via from analytics.audit_log where action = 'tokens.revoke' order by id`,
    );
    expect(rows).toEqual([
      { subject: 'ada\u001b[31m', org_id: null, actor_via: 'command_line' },
      { subject: 'acme', org_id: 'acme', actor_via: 'command_line' },
    ]);
  });
});
