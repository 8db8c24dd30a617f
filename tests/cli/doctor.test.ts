import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { lossesOf } from '../../src/database/schema/losses.ts';
import { runChecks } from '../../src/doctor/check.ts';
import { secretHider } from '../../src/doctor/hide-secrets.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { useQueue } from '../support/servers/rabbitmq.ts';
import { hasRedisServer, makeRedisServer } from '../support/servers/redis-server.ts';
import { makeS3Server } from '../support/servers/s3-server.ts';
import { startSmtpServer } from '../support/servers/smtp-server.ts';
import { runCommand } from '../support/service/run-command.ts';
import { skipUnless } from '../support/skip-unless.ts';

const database = useDatabase();
const newDirectory = useDirectories();

interface Report {
  ok: boolean;
  checks: { name: string; verdict: string; found: string; advice?: string }[];
}

async function doctor(
  env: Record<string, string>,
): Promise<{ code: number | null; report: Report; text: string }> {
  const { code, output } = await runCommand(['doctor', '--json'], { DATABASE_URL: database.url, ...env });
  return { code, report: JSON.parse(output) as Report, text: output };
}

function verdictOf({ checks }: Report, name: string) {
  return checks.find((check) => check.name === name)?.verdict;
}

describe('tidemark doctor', () => {
  test('finds nothing bad where all is well, and logs in to the mail server without a message', async () => {
    const messages: string[] = [];
    const logins: string[] = [];
    const mail = await startSmtpServer({
      onAuth: ({ username }, _, callback) => {
        logins.push(username ?? '');
        callback(null, { user: username });
      },
      onData: (stream, _, callback) => {
        messages.push('one');
        stream.resume();
        stream.on('end', () => callback());
      },
    });
    const smtp = new URL(mail.url);
    [smtp.username, smtp.password] = ['mailer', 'sesame'];
    const { code, report, text } = await doctor({ DATA_DIR: await newDirectory(), SMTP_URL: smtp.href });
    await mail.close();
    expect(report.checks.filter(({ verdict }) => verdict === 'bad')).toEqual([]);
    expect({ code, ok: report.ok }).toEqual({ code: 0, ok: true });
    expect(report.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['settings', 'PostgreSQL: schema', 'PostgreSQL: clock', 'DATA_DIR', 'SMTP']),
    );
    expect({ logins, messages }).toEqual({ logins: ['mailer'], messages: [] });
    expect(text).not.toContain('sesame');
  });

  test('says what is wrong and what to do, and never shows a secret', async () => {
    const prometheus = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
    const { port } = prometheus.address() as { port: number };
    const dataDir = await newDirectory();
    await writeFile(join(dataDir, 'jwt-secret'), 'x'.repeat(43));
    await chmod(join(dataDir, 'jwt-secret'), 0o644);
    const { code, report, text } = await doctor({
      DATA_DIR: dataDir,
      PROMETHEUS_URL: `http://127.0.0.1:${port}`,
      SMTP_URL: 'smtp://mailer:open-sesame@127.0.0.1:1',
      REDIS_URL: 'redis://:very-secret@127.0.0.1:1',
      SLACK_ANALYTICS_WEBHOOK: 'https://hooks.slack.invalid/services/T0/B0/hush-hush',
    });
    prometheus.close();
    expect(code).toBe(1);
    expect(report.ok).toBe(false);
    for (const name of ['Prometheus', 'SMTP', 'Redis', 'Slack: analytics'])
      expect(verdictOf(report, name)).toBe('bad');
    expect(report.checks.find(({ advice }) => advice?.includes('chmod 600'))).toMatchObject({
      verdict: 'bad',
    });
    expect(report.checks.filter(({ verdict, advice }) => verdict !== 'ok' && !advice)).toEqual([]);
    expect(text).not.toMatch(/sesame|very-secret|hush/);
  });

  test('names settings that are not valid, and looks at nothing else', async () => {
    const { code, report } = await doctor({ HTTP_PORT: 'eighty' });
    expect(code).toBe(1);
    expect(report.checks).toMatchObject([{ name: 'settings', verdict: 'bad' }]);
    expect(report.checks[0]?.found).toContain('HTTP_PORT');
  });

  test('says once that the database cannot be reached', async () => {
    const { code, report } = await doctor({ DATABASE_URL: 'postgres://nobody:hidden-one@127.0.0.1:1/none' });
    expect(code).toBe(1);
    expect(report.checks.filter(({ name }) => name.startsWith('PostgreSQL'))).toMatchObject([
      { name: 'PostgreSQL: version', verdict: 'bad', advice: expect.stringContaining('DATABASE_URL') },
    ]);
  });

  test('looks at the buckets of exports and at the provider that signs people in', async () => {
    const provider = createServer(({ url }, response) =>
      response.writeHead(url === '/realm/.well-known/openid-configuration' ? 200 : 404).end(),
    );
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const s3 = await makeS3Server();
    await s3.start();
    const { report } = await doctor({
      ...s3.env,
      DATA_DIR: await newDirectory(),
      S3_BUCKET: 'exports,elsewhere',
      OIDC_ISSUER: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/realm`,
      OIDC_CLIENT_ID: 'tidemark',
      PUBLIC_URL: 'http://127.0.0.1:8084',
    });
    provider.close();
    await s3.remove();
    expect([verdictOf(report, 'OIDC_ISSUER'), verdictOf(report, 'S3: exports')]).toEqual(['ok', 'ok']);
    expect(report.checks.find(({ name }) => name === 'S3: elsewhere')).toMatchObject({
      verdict: 'bad',
      found: expect.stringContaining('no such bucket'),
    });
  });

  test('tells a Redis that refuses keys', skipUnless(hasRedisServer, 'needs redis-server'), async () => {
    const dataDir = await newDirectory();
    const redis = await makeRedisServer(['--cluster-enabled', 'yes', '--dir', dataDir]);
    await redis.start();
    const { report } = await doctor({ DATA_DIR: dataDir, REDIS_URL: redis.url });
    await redis.kill();
    expect(report.checks.find(({ name }) => name === 'Redis')).toMatchObject({
      verdict: 'bad',
      found: expect.stringContaining('CLUSTERDOWN'),
      advice: expect.stringContaining('no cluster'),
    });
  });

  test('tells a Redis that is full', skipUnless(hasRedisServer, 'needs redis-server'), async () => {
    const redis = await makeRedisServer(['--maxmemory', '1', '--maxmemory-policy', 'noeviction']);
    await redis.start();
    const { report } = await doctor({ DATA_DIR: await newDirectory(), REDIS_URL: redis.url });
    await redis.kill();
    expect(report.checks.find(({ name }) => name === 'Redis')).toMatchObject({
      verdict: 'bad',
      found: expect.stringContaining('is full: OOM'),
      advice: expect.stringContaining('maxmemory-policy'),
    });
  });

  test('goes through the proxy of the environment, as the service does', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      tunnels.push(url ?? '');
      socket.end('HTTP/1.1 503 Not now\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { report } = await doctor({
      DATA_DIR: await newDirectory(),
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NO_PROXY: 'keys.invalid',
      SLACK_ANALYTICS_WEBHOOK: 'https://hooks.invalid/services/T0/B0/x',
      JWKS_URL: 'https://keys.invalid/jwks',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://traces.invalid',
    });
    proxy.close();
    expect(verdictOf(report, 'Slack: analytics')).toBe('bad');
    expect(tunnels).toEqual(['hooks.invalid:443']);
  });
});

function rabbitmqctl(...args: string[]): boolean {
  return spawnSync('rabbitmqctl', [...args, '--quiet']).status === 0;
}

describe(
  'tidemark doctor tells what the user of RabbitMQ may not do',
  skipUnless(inject('rabbitmqUrl') && rabbitmqctl('version'), 'needs rabbitmqctl, as root'),
  () => {
    const [stream, queue] = [useQueue('stream'), useQueue('quorum')];
    const user = `doctor-${randomBytes(4).toString('hex')}`;
    const url = new URL(inject('rabbitmqUrl') ?? 'amqp://127.0.0.1');
    [url.username, url.password] = [user, randomBytes(8).toString('hex')];
    const permit = (configure: string, write: string, read: string) =>
      expect(rabbitmqctl('set_permissions', '-p', '/', user, configure, write, read)).toBe(true);
    const look = async (name: string) => {
      const env = { DATA_DIR: await newDirectory(), RABBITMQ_URL: url.href, RABBITMQ_STREAM: name };
      const { report } = await doctor(env);
      return report.checks.find((check) => check.name === 'RabbitMQ');
    };
    beforeAll(() => expect(rabbitmqctl('add_user', user, url.password)).toBe(true));
    afterAll(() => {
      rabbitmqctl('delete_user', user);
    });

    test('to write: the default exchange, through which dead letters go', async () => {
      permit('.*', '^tidemark-test', '.*');
      expect(await look(stream.name)).toMatchObject({
        verdict: 'bad',
        found: 'it answers, and the user may not write to amq.default',
      });
    });

    test('to read a stream or a queue, of which no message is taken', async () => {
      await stream.publish([{ eventId: 'a' }]);
      await queue.publish([{ eventId: 'a' }]);
      permit('.*', '.*', '^other$');
      for (const { name } of [stream, queue])
        expect(await look(name)).toMatchObject({
          verdict: 'bad',
          found: `it answers, and the user may not read ${name}, nor read ${name}.dead-letters`,
        });
      permit('.*', '.*', '.*');
      // RabbitMQ counts the messages of a stream some seconds later.
      for (const { name } of [stream, queue])
        await expect
          .poll(() => look(name), { timeout: 60_000 })
          .toMatchObject({
            verdict: 'ok',
            found: expect.stringMatching(/has 1 messages$/),
          });
    });

    test('to configure, only while something has to be created, and nothing is', async () => {
      const name = `tidemark-test.doctor.${randomBytes(4).toString('hex')}`;
      permit('^other$', '.*', '.*');
      expect(await look(name)).toMatchObject({
        verdict: 'bad',
        found: `it answers, and the user may not configure ${name}, nor configure ${name}.dead-letters`,
      });
      permit('.*', '.*', '.*');
      for (let time = 0; time < 2; time++)
        expect(await look(name)).toMatchObject({
          verdict: 'warn',
          found: `it answers, and ${name} does not exist`,
        });
    });

    test('and the command that it names mends all of it', async () => {
      permit('^$', '^$', '^$');
      const found = await look(queue.name);
      expect(found?.found).toContain('may not configure');
      const [, command = ''] = /^Run: (rabbitmqctl .*) \(it replaces/.exec(found?.advice ?? '') ?? [];
      expect(command).toContain(` -p / ${user} `);
      expect(spawnSync('sh', ['-c', command]).status).toBe(0);
      expect((await look(queue.name))?.verdict).toBe('ok');
    });
  },
);

test('a check that throws is bad, with its advice', async () => {
  const look = () => Promise.reject(new Error('no route', { cause: new Error('to host') }));
  expect(await runChecks([{ name: 'x', advice: 'Call someone.', look }], (text) => text)).toEqual([
    { name: 'x', verdict: 'bad', found: 'no route: to host', advice: 'Call someone.' },
  ]);
});

test('secrets are hidden as a whole, as the password of a URL, and as its decoded form', () => {
  const hide = secretHider({
    DATABASE_URL: 'postgres://u:p%40ssword@h/d',
    TWILIO_AUTH_TOKEN: 'token-1234',
    HTTP_HOST: 'localhost',
  });
  expect(hide('p@ssword p%40ssword token-1234 localhost postgres://u:p%40ssword@h/d')).toBe(
    '(hidden) (hidden) (hidden) localhost (hidden)',
  );
});

test('migrate down says what would be lost, and does nothing without a yes', async () => {
  await database.pool.query(`insert into analytics.org_deletions values ('gone', now(), 'x')`);
  expect(await lossesOf(database.pool, ['0028_org_deletions', '0019_quotas', '9999_newer'])).toMatchObject([
    { what: 'table org_deletions', rows: 1 },
    { what: 'table quota_use', rows: 0 },
    { what: 'table quota_days' },
    { what: 'rows of notification_preferences' },
    { what: 'column notification_preferences.org_id' },
  ]);
  const { code, output, complaint } = await runCommand(['migrate', 'down', '--count', '50'], {
    DATABASE_URL: database.url,
  });
  expect(code).toBe(1);
  expect(output).toMatch(/0028_org_deletions +table org_deletions +1\n/);
  expect(complaint).toContain('add --yes');
  const { rows } = await database.pool.query('select count(*)::int as n from analytics.org_deletions');
  expect(rows).toEqual([{ n: 1 }]);
});
