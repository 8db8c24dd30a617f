import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';
import { mistakenSettings } from './setting-text.ts';
import { settings } from './settings.ts';

function faultsOf(env: Record<string, string>) {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  test('works without any setting', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      httpPort: 8084,
      httpHost: '127.0.0.1',
      rollupInterval: 1_000,
      logLevel: 'info',
    });
    expect(config.roles).toEqual(['api', 'ingest', 'worker']);
    expect(config.databaseUrl).toBeUndefined();
    expect(Object.isFrozen(config) && Object.isFrozen(config.roles)).toBe(true);
  });

  test('reads durations in every unit as milliseconds', () => {
    const config = loadConfig({
      ROLLUP_INTERVAL: '250ms',
      FRESHNESS_CACHE_TTL: '2m',
      RAW_RETENTION: '36h',
      DEDUP_WINDOW: '7d',
    });
    expect(config).toMatchObject({
      rollupInterval: 250,
      freshnessCacheTtl: 120_000,
      rawRetention: 129_600_000,
      dedupWindow: 604_800_000,
    });
  });

  test('takes an empty variable for an unset one', () => {
    expect(loadConfig({ DATABASE_URL: '', HTTP_PORT: ' ' })).toMatchObject({ httpPort: 8084 });
  });

  test('names every fault at once, with the given value and what is allowed', () => {
    const error = faultsOf({
      HTTP_PORT: '80840',
      ROLLUP_INTERVAL: '1 second',
      REDIS_URL: 'http://cache',
      ROLES: 'api,cook',
    });
    expect(error.faults.map((fault) => fault.path)).toEqual([
      'HTTP_PORT',
      'REDIS_URL',
      'ROLLUP_INTERVAL',
      'ROLES',
    ]);
    expect(error.message).toContain('HTTP_PORT: "80840" is not valid; give a whole number from 0 to 65535');
    expect(error.message).toContain(
      'ROLLUP_INTERVAL: "1 second" is not valid; give a duration from 100ms to 1h',
    );
  });

  test('never shows a secret', () => {
    const error = faultsOf({
      JWT_SECRET: 'hunter2',
      DATABASE_URL: 'mysql://u:hunter2@db/x',
      REDIS_URL: 'hunter2',
      RABBITMQ_URL: 'hunter2',
    });
    expect(error.faults).toHaveLength(4);
    expect(error.message).not.toContain('hunter2');
  });

  test('refuses a down threshold below the degraded one, and a report on all orgs', () => {
    const env = {
      HEALTH_ERROR_PERCENT: '20',
      HEALTH_DOWN_PERCENT: '10',
      SELF_REPORT_ORG: '*',
      SELF_REPORT: 'yes',
    };
    expect(faultsOf(env).faults.map((fault) => fault.path)).toEqual([
      'SELF_REPORT',
      'SELF_REPORT_ORG',
      'HEALTH_DOWN_PERCENT',
    ]);
  });

  test('refuses settings that contradict each other', () => {
    const env = {
      DEDUP_WINDOW: '3d',
      RAW_RETENTION: '7d',
      JWT_SECRET: 's'.repeat(32),
      JWKS_URL: 'https://id/keys',
      ROLES: ',',
    };
    expect(faultsOf(env).faults.map((fault) => fault.path)).toEqual(['DEDUP_WINDOW', 'JWKS_URL', 'ROLES']);
  });

  test('refuses senders and recipients that no provider would accept', () => {
    const env = {
      ALERT_EMAIL_TO: 'ops',
      ALERT_EMAIL_FROM: 'Ops <ops>',
      TWILIO_FROM: 'a, b',
      ALERT_SMS_TO: '1',
    };
    const paths = ['ALERT_EMAIL_FROM', 'ALERT_EMAIL_TO', 'TWILIO_FROM', 'ALERT_SMS_TO'];
    expect(faultsOf(env).faults.map((fault) => fault.path)).toEqual(paths);
    const right = { ALERT_EMAIL_TO: 'a@b.example, Ops <ops@b.example>', TWILIO_FROM: 'MG'.padEnd(34, '0') };
    expect(loadConfig(right).emailTo).toEqual(['a@b.example', 'Ops <ops@b.example>']);
  });

  test.each(['10.0.0.0/8', '::1', '127.0.0.1, 10.1.0.0/16'])('trusts the proxies %s', (given) => {
    expect(loadConfig({ TRUSTED_PROXIES: given }).trustedProxies.length).toBeGreaterThan(0);
  });

  test.each(['true', '10.0.0.0/33', 'proxy.internal', '1.2.3'])('does not trust the proxies %s', (given) => {
    expect(faultsOf({ TRUSTED_PROXIES: given }).faults[0]?.path).toBe('TRUSTED_PROXIES');
  });
});

test('gives every setting its own name and a description', () => {
  const all = Object.values(settings);
  expect(new Set(all.map((setting) => setting.env)).size).toBe(all.length);
  expect(all.every((setting) => setting.meaning.endsWith('.'))).toBe(true);
});

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (content: string) => {
    const path = join(folder, 'secret');
    writeFileSync(path, content);
    return path;
  };

  test('is read without the white space around it', () => {
    const env = { DATABASE_URL_FILE: fileOf('postgres://u:p@db/x\n') };
    expect(loadConfig(env).databaseUrl).toBe('postgres://u:p@db/x');
  });

  test('is refused by the name of its variable if it is invalid, and not shown', () => {
    const error = faultsOf({ JWT_SECRET_FILE: fileOf('hunter2') });
    expect(error.message).toContain('JWT_SECRET: the value (not shown) is not valid');
    expect(error.message).not.toContain('hunter2');
  });

  test('is refused beside the variable itself, and if the file is empty or missing', () => {
    const both = { REDIS_URL: 'redis://a', REDIS_URL_FILE: fileOf('redis://b') };
    expect(faultsOf(both).message).toContain('REDIS_URL_FILE: cannot be used together with REDIS_URL');
    expect(faultsOf({ SMTP_URL_FILE: fileOf(' ') }).message).toContain('SMTP_URL_FILE: ');
    const missing = { DATABASE_URL_FILE: join(folder, 'nowhere') };
    expect(faultsOf(missing).message).toMatch(/DATABASE_URL_FILE: .*nowhere cannot be read: ENOENT/);
  });
});

describe('mistakenSettings', () => {
  test.each([
    ['DATABASE_URI', 'DATABASE_URL'],
    ['RAW_RETENTON', 'RAW_RETENTION'],
    ['TIDEMARK_HTTP_PORT', 'HTTP_PORT'],
    ['DATA_DIR_FILE', 'DATA_DIR'],
    ['DATABASE_URL_FIEL', 'DATABASE_URL_FILE'],
    ['JWT_SECRETS_FILE', 'JWT_SECRET_FILE'],
  ])('%s is taken for %s', (name, meant) => {
    expect(mistakenSettings({ [name]: 'x' })).toEqual([{ name, meant }]);
  });

  test.each([
    'DATABASE_URL',
    'DATABASE_URL_FILE',
    'TEST_DATABASE_URL',
    'HTTP_PROXY',
    'NODE_ENV',
    'PATH',
    'LOGNAME',
  ])('%s is no mistake', (name) => {
    expect(mistakenSettings({ [name]: 'x' })).toEqual([]);
  });
});
