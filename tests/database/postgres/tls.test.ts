/** TLS to an operator's PostgreSQL: the server is verified, and nothing is sent unencrypted. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../src/database/schema/migrate.ts';
import { goWholeRound } from '../../support/answers/whole-round.ts';
import { usePostgresAsOwner } from '../../support/database/postgres-as-owner.ts';
import { runCommand } from '../../support/service/run-command.ts';
import { skipUnless } from '../../support/skip-unless.ts';

function openssl(...args: string[]): boolean {
  return spawnSync('openssl', args).status === 0;
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

describe('PostgreSQL with TLS', skipUnless(openssl('version'), 'needs openssl'), () => {
  const postgres = usePostgresAsOwner();
  let folder = '';
  const file = (name: string) => join(folder, name);

  /** A certificate authority of that name, and a certificate from it for `localhost`. */
  const certify = async (authority: string): Promise<void> => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await writeFile(file(`${authority}.ext`), 'subjectAltName = DNS:localhost');
    const made = [
      [
        'req',
        '-x509',
        ...key,
        '-days',
        '2',
        '-subj',
        `/CN=${authority}`,
        '-keyout',
        file(`${authority}.key`),
        '-out',
        file(`${authority}.crt`),
      ],
      [
        'req',
        ...key,
        '-subj',
        '/CN=localhost',
        '-keyout',
        file(`${authority}-server.key`),
        '-out',
        file(`${authority}-server.csr`),
      ],
      [
        'x509',
        '-req',
        '-in',
        file(`${authority}-server.csr`),
        '-days',
        '2',
        '-CA',
        file(`${authority}.crt`),
        '-CAkey',
        file(`${authority}.key`),
        '-CAcreateserial',
        '-extfile',
        file(`${authority}.ext`),
        '-out',
        file(`${authority}-server.crt`),
      ],
    ].map((args) => openssl(...args));
    expect(made).toEqual([true, true, true]);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-tls-'));
    await certify('ours');
    await certify('another');
    for (const name of ['server.key', 'server.crt']) {
      await postgres.writeFile(name, await readFile(file(`ours-${name}`), 'utf8'));
    }
    await postgres.owner.query(`create role encrypted login password 'secret'`);
    await postgres.owner.query('grant create on database tidemark to encrypted');
    const { rows } = await postgres.owner.query<{ hba: string }>(`select pg_read_file('pg_hba.conf') as hba`);
    const first = 'hostssl all encrypted all scram-sha-256\nhost all encrypted all reject\n';
    await postgres.writeFile('pg_hba.conf', first + rows[0]?.hba);
    await postgres.owner.query('alter system set ssl = on');
    await postgres.owner.query('select pg_reload_conf()');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const urlOf = (host: string, mode: string, authority?: string): string => {
    const url = new URL(postgres.urlFor({ user: 'encrypted', password: 'secret' }));
    url.hostname = host;
    url.searchParams.set('sslmode', mode);
    if (authority !== undefined) url.searchParams.set('sslrootcert', file(`${authority}.crt`));
    return url.href;
  };
  const connect = (url: string) => migrate(url, { log: quiet, direction: 'up' });

  test('the whole service works over encrypted connections', async () => {
    await goWholeRound(urlOf('localhost', 'verify-full', 'ours'), {}, async () => {
      const { rows } = await postgres.owner.query<{ ssl: boolean; connections: number }>(
        `select ssl, count(*)::int as connections from pg_stat_ssl join pg_stat_activity using (pid)
         where usename = 'encrypted' group by ssl`,
      );
      expect(rows).toEqual([{ ssl: true, connections: expect.any(Number) }]);
    });
  });

  test('a server with a certificate of another authority is refused', async () => {
    await expect(connect(urlOf('localhost', 'verify-full', 'another'))).rejects.toThrow(/certificate/);
  });

  test('a command says in one line why it refuses the server', async () => {
    const DATABASE_URL = urlOf('localhost', 'verify-full', 'another');
    const { code, complaint } = await runCommand(['migrate'], { PATH: process.env.PATH ?? '', DATABASE_URL });
    expect(code).toBe(1);
    expect(complaint).toMatch(/^tidemark: the server's certificate is refused: .+\n$/m);
    expect(complaint).not.toContain('    at ');
  });

  test('a server with a certificate that this machine does not trust is refused', async () => {
    await expect(connect(urlOf('localhost', 'verify-full'))).rejects.toThrow(/certificate/);
  });

  test('a server with a certificate for another name is refused', async () => {
    await expect(connect(urlOf('127.0.0.1', 'verify-full', 'ours'))).rejects.toThrow(/IP|altnames|Host/);
  });

  test('the server refuses a connection without encryption', async () => {
    await expect(connect(urlOf('localhost', 'disable'))).rejects.toThrow('rejects connection');
  });
});
