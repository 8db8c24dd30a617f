import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { openRedis } from '../../../src/database/redis.ts';
import { CodedError } from '../../../src/errors.ts';
import { registerDashboardRoutes } from '../../../src/http/figures/dashboard-routes.ts';
import { createAnswerCache } from '../../../src/queries/dashboard/answer-cache.ts';
import { type DashboardSource, sectionBudgets } from '../../../src/queries/dashboard/dashboard.ts';
import { SECOND, sleep } from '../../../src/time.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { httpLayer } from '../../support/service/http-layer.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const PATH = '/api/v1/analytics/dashboard/summary';

describe('sections of the dashboard', () => {
  const admin = { id: 'admin', roles: ['admin'], orgs: [], via: 'jwt' } as const;
  let made: string[] = [];
  const answer = (name: string) => async () => {
    made.push(name);
    return { asOf: '2026-01-01T00:00:00.000Z', name };
  };
  const dashboard = (change: Partial<DashboardSource> = {}) => {
    made = [];
    const clock = { now: () => Date.now() };
    const source: DashboardSource = {
      loaders: {
        usage: answer('usage'),
        health: answer('health'),
        ml: answer('ml'),
        business: answer('business'),
        alerts: answer('alerts'),
      },
      budgets: sectionBudgets,
      cache: createAnswerCache({ redis: undefined, clock, version: '0' }),
      ttl: 60 * SECOND,
      clock,
      log: silentLog,
      ...change,
    };
    const server = httpLayer({
      actor: admin,
      audit: async () => {},
      registerRoutes: (routes) => registerDashboardRoutes(routes, source),
    });
    return async (query = '') => {
      const { body, headers } = await server.inject(`${PATH}${query}`);
      return { json: JSON.parse(body), headers };
    };
  };

  test('that fail are marked without internal details, and the others are there', async () => {
    const failing = {
      health: async () => Promise.reject(new Error('password of the database is hunter2')),
      ml: async () => Promise.reject(new CodedError('range_not_kept', 'hours are kept since March')),
    };
    const ask = dashboard({
      loaders: { ...failing, usage: answer('usage'), business: answer('business'), alerts: answer('alerts') },
    });
    const { json, headers } = await ask();
    expect(json.failed).toEqual(['health', 'ml']);
    expect(json.sections).toMatchObject({
      health: { status: 'failed', error: { code: 'internal' } },
      ml: { status: 'failed', error: { code: 'range_not_kept', detail: 'hours are kept since March' } },
      business: { status: 'ok', data: { name: 'business' } },
      alerts: { status: 'ok', data: { name: 'alerts' } },
    });
    expect(JSON.stringify(json)).not.toContain('hunter2');
    expect(headers['cache-control']).toBe('private, no-cache');
  });

  test('that are slow are left out for now, and cached when they are ready', async () => {
    let come = () => {};
    const slow = new Promise<void>((resolve) => {
      come = resolve;
    });
    const health = async () => {
      await slow;
      return answer('health')();
    };
    const ask = dashboard({
      loaders: {
        usage: answer('usage'),
        health,
        ml: answer('ml'),
        business: answer('business'),
        alerts: answer('alerts'),
      },
      budgets: { ...sectionBudgets, health: 20 },
    });
    const { json } = await ask();
    expect(json.failed).toEqual(['health']);
    expect(json.sections.health).toMatchObject({ status: 'failed', error: { code: 'timed_out' } });
    expect(json.sections.ml.status).toBe('ok');
    come();
    await expect.poll(async () => (await ask()).json.failed, { timeout: 30_000 }).toEqual([]);
    expect(made.toSorted()).toEqual(['alerts', 'business', 'health', 'ml', 'usage']);
  });

  test('are made once for many concurrent callers, and again when they are too old', async () => {
    let now = Date.now();
    const clock = { now: () => now };
    const slowly = (name: string) => async () => {
      await sleep(20);
      return answer(name)();
    };
    const ask = dashboard({
      clock,
      cache: createAnswerCache({ redis: undefined, clock, version: '0' }),
      loaders: {
        usage: slowly('usage'),
        health: slowly('health'),
        ml: slowly('ml'),
        business: slowly('business'),
        alerts: slowly('alerts'),
      },
    });
    await Promise.all(Array.from({ length: 50 }, () => ask()));
    await ask('?sections=ml,health');
    expect(made.toSorted()).toEqual(['alerts', 'business', 'health', 'ml', 'usage']);
    await ask('?sections=ml&range=7d');
    await ask('?sections=ml&orgId=acme');
    expect(made).toHaveLength(7);
    now += 59 * SECOND;
    expect((await ask()).json.ageSeconds).toBe(59);
    expect(made).toHaveLength(7);
    now += 1 * SECOND;
    expect((await ask()).json.ageSeconds).toBe(0);
    expect(made).toHaveLength(12);
  });

  test('are made for each caller without a cache', async () => {
    const ask = dashboard({ ttl: 0 });
    await ask('?sections=ml');
    const { headers } = await ask('?sections=ml');
    expect(made).toEqual(['ml', 'ml']);
    expect(headers['cache-control']).toBe('private, no-cache');
  });

  test('are shared by processes with a Redis', skipUnless(inject('redisUrl'), 'needs Redis'), async () => {
    const redis = openRedis(inject('redisUrl') ?? '', silentLog, { installation: 'test' });
    await expect.poll(() => redis.status, { timeout: 30_000 }).toBe('ready');
    const clock = { now: () => Date.now() };
    const version = randomUUID();
    const cacheOf = () => createAnswerCache({ redis, clock, version });
    try {
      await dashboard({ cache: cacheOf() })('?sections=ml');
      expect(made).toEqual(['ml']);
      const { json } = await dashboard({ cache: cacheOf() })('?sections=ml');
      expect(made).toEqual([]);
      expect(json.sections.ml.data).toMatchObject({ name: 'ml' });
    } finally {
      redis.disconnect();
    }
  });
});
