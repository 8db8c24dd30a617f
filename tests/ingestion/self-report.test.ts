import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Ingest } from '../../src/ingestion/ingest.ts';
import { SelfReport } from '../../src/ingestion/self-report.ts';
import { systemClock } from '../../src/time.ts';
import { makeRequest } from '../support/service/requests.ts';
import { useService } from '../support/service/service.ts';

interface Stored {
  method: string;
  route: string;
  status_code: number;
  requests: number;
}

async function seen(database: { pool: import('pg').Pool }): Promise<Stored[]> {
  const { rows } = await database.pool.query<Stored>(
    `select method, route, status_code, count(*) as requests from analytics.events
     where org_id = 'tidemark' and type = 'api_request' group by 1, 2, 3 order by 2, 1, 3`,
  );
  return rows;
}

describe('with SELF_REPORT on', () => {
  const service = useService({ SELF_REPORT: 'on' });

  test('each request becomes an event of the reserved org, except probes and the report itself', async () => {
    const correlationId = randomUUID();
    await service.call('/analytics/v1/orgs/acme/usage', { headers: { 'x-correlation-id': correlationId } });
    await service.call('/analytics/v1/orgs/acme/usage', { token: null });
    await service.call('/analytics/v1/orgs/globex/usage?granularity=century');
    await service.call('/nowhere/at/all');
    await service.call('/metrics');
    await service.call('/analytics/v1/status/healthz');
    const expected = [
      { method: 'GET', route: '/analytics/v1/orgs/:orgId/usage', status_code: 200, requests: 1 },
      { method: 'GET', route: '/analytics/v1/orgs/:orgId/usage', status_code: 400, requests: 1 },
      { method: 'GET', route: '/analytics/v1/orgs/:orgId/usage', status_code: 401, requests: 1 },
      { method: 'GET', route: 'none', status_code: 404, requests: 1 },
    ];
    await expect.poll(() => seen(service.database), { timeout: 30_000 }).toEqual(expected);
    const { rows } = await service.database.pool.query(
      `select count(*) as found from analytics.events where org_id = 'tidemark' and correlation_id = $1`,
      [correlationId],
    );
    expect(rows).toEqual([{ found: 1 }]);
    // If the report reported itself, a later request would add more than one event.
    await service.call('/openapi.json');
    const more = [{ method: 'GET', route: '/openapi.json', status_code: 200, requests: 1 }];
    await expect
      .poll(() => seen(service.database), { timeout: 30_000 })
      .toEqual([...expected.slice(0, 3), ...more, expected[3]]);
  });

  test('clients cannot send events of that org', async () => {
    const { json } = await service.call('/analytics/v1/events', {
      body: [makeRequest({ orgId: 'tidemark', at: Date.now() })],
    });
    expect(json).toMatchObject({
      stored: 0,
      rejected: 1,
      errors: [{ code: 'forbidden', detail: expect.stringContaining('SELF_REPORT_ORG') }],
    });
  });
});

describe('by default', () => {
  const service = useService();

  test('nothing is reported, and the org is an ordinary one', async () => {
    await service.call('/analytics/v1/orgs/acme/usage');
    const { json } = await service.call('/analytics/v1/events', {
      body: [makeRequest({ orgId: 'tidemark', at: Date.now() })],
    });
    expect(json.stored).toBe(1);
    expect(await seen(service.database)).toEqual([
      expect.objectContaining({ route: '/orders', requests: 1 }),
    ]);
  });
});

describe('a report', () => {
  const request = { method: 'GET', route: '/x', statusCode: 200, durationMs: 1, correlationId: 'c' };
  const reportTo = (submit: Ingest['submit'], isBusy = false) => {
    const dropped: number[] = [];
    const report = new SelfReport({
      ingest: { submit, validate: async () => ({ faults: [], more: 0 }), noteRefused() {} },
      orgId: 'tidemark',
      clock: systemClock,
      isBusy: () => isBusy,
      onDropped: (reports) => dropped.push(reports),
    });
    return { report, droppedInAll: () => dropped.reduce((sum, reports) => sum + reports, 0) };
  };
  const counting = (sizes: number[]): Ingest['submit'] => {
    return async ({ events }) => {
      sizes.push(events.length);
      return { received: 0, stored: 0, duplicates: 0, conflicts: 0, rejected: 0, errors: [] };
    };
  };

  test('is dropped and counted while callers have to wait', async () => {
    const sizes: number[] = [];
    const { report, droppedInAll } = reportTo(counting(sizes), true);
    for (let n = 0; n < 5; n++) report.record(request);
    await report.stop();
    expect({ sizes, dropped: droppedInAll() }).toEqual({ sizes: [], dropped: 5 });
  });

  test('is dropped and counted when it cannot be stored', async () => {
    const { report, droppedInAll } = reportTo(async () => {
      throw new Error('away');
    });
    report.record(request);
    await report.stop();
    expect(droppedInAll()).toBe(1);
  });

  test('keeps a bounded number of events, and sends them in one submission', async () => {
    const sizes: number[] = [];
    const { report, droppedInAll } = reportTo(counting(sizes));
    for (let n = 0; n < 2_500; n++) report.record(request);
    await report.stop();
    expect({ sizes, dropped: droppedInAll() }).toEqual({ sizes: [2_000], dropped: 500 });
  });
});
