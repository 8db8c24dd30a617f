import { beforeAll, describe, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();

/** Every operation that anyone may call. A line added here opens a door on purpose. */
const OPEN = [
  'DELETE /console/session',
  'GET /analytics/v1/downloads/{org}/{jobId}/{name}',
  'GET /analytics/v1/status/healthz',
  'GET /analytics/v1/status/readyz',
  'GET /api/public/health',
  'GET /console/sign-in',
  'GET /metrics',
  'GET /openapi.json',
  'POST /console/session',
];

interface Operation {
  method: string;
  path: string;
  security: unknown[];
}

let operations: Operation[] = [];
beforeAll(async () => {
  const { json } = await service.call('/openapi.json', { token: null });
  operations = Object.entries<Record<string, { security: unknown[] }>>(json.paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({
        method: method.toUpperCase(),
        path,
        security,
      })),
  );
});

function nameOf({ method, path }: Operation) {
  return `${method} ${path}`;
}

function pathIn({ path }: Operation, orgId: string) {
  return path.replace('{orgId}', orgId).replace(/\{\w+\}/g, 'x');
}

function perOrg() {
  return operations.filter(({ path }) => path.includes('{orgId}'));
}

/** The status of each operation for a caller. */
async function statuses(of: Operation[], orgId: string, token: string | null, headers = {}) {
  const answers = of.map(async (operation) => {
    const { status } = await service.call(pathIn(operation, orgId), {
      method: operation.method,
      token,
      headers,
    });
    return [nameOf(operation), status] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

function each(of: Operation[], status: number) {
  return Object.fromEntries(of.map((operation) => [nameOf(operation), status]));
}

test('only these operations are open to everyone', () => {
  const open = operations.filter(({ security }) => security.length === 0);
  expect(open.map(nameOf).sort()).toEqual(OPEN);
});

test('every path refuses an unknown parameter by its name', async () => {
  const answers = operations.map(async (operation) => {
    const { status, json } = await service.call(`${pathIn(operation, 'acme')}?nobodyKnows=1`, {
      method: operation.method,
    });
    // OTLP has errors of its own, with a sentence and no list.
    const paths = json.errors?.map(({ path }: { path: string }) => path) ?? json.message.match(/nobodyKnows/);
    return [nameOf(operation), status, [...paths]];
  });
  expect(await Promise.all(answers)).toEqual(
    operations.map((operation) => [nameOf(operation), 400, ['nobodyKnows']]),
  );
});

describe('every other path', () => {
  const closed = () => operations.filter((operation) => !OPEN.includes(nameOf(operation)));

  test('asks an unknown caller to authenticate', async () => {
    expect(closed().length).toBeGreaterThan(4);
    expect(await statuses(closed(), 'acme', null)).toEqual(each(closed(), 401));
  });

  test('is closed to someone without a role, even a member of the org', async () => {
    expect(await statuses(closed(), 'acme', await tokenOf([], ['acme']))).toEqual(each(closed(), 403));
  });
});

describe('every path of an org', () => {
  test('is part of the API description', () => {
    expect(perOrg().length).toBeGreaterThan(2);
  });

  test.each(['org_admin', 'engineer', 'finance', 'business_viewer', 'ingest'] as const)(
    'is closed to %s of another org',
    async (role) => {
      const token = await tokenOf([role], ['globex', 'acme2', 'ACME', 'acme ']);
      expect(await statuses(perOrg(), 'acme', token)).toEqual(each(perOrg(), 403));
    },
  );

  test('is closed however the org is written', async () => {
    const token = await tokenOf(['org_admin'], ['globex']);
    for (const orgId of [
      'acme',
      '%61cme',
      'globex%2F..%2Facme',
      'globex%00',
      'globex%20',
      '%27%20or%201=1--',
    ]) {
      expect(await statuses(perOrg(), orgId, token), orgId).toEqual(each(perOrg(), 403));
    }
  });

  test('is closed to the API key of another org', async () => {
    const { json } = await service.call('/analytics/v1/api-keys', {
      body: { name: 'globex', role: 'org_admin', orgs: ['globex'] },
    });
    expect(await statuses(perOrg(), 'acme', null, { 'x-api-key': json.key })).toEqual(each(perOrg(), 403));
  });

  test('is open to an admin, and each read of an org that is not their own is audited', async () => {
    const reads = perOrg().filter(({ method }) => method === 'GET');
    const token = await tokenOf(['admin'], ['own'], 'root');
    await statuses(reads, 'acme', token);
    await statuses(reads, 'own', token);
    const { rows } = await service.database.pool.query(
      `select org_id, route, request_id <> '' as has_request, now() - at < interval '1 minute' as is_recent
         from analytics.audit_log where actor_id = 'root' and action = 'org.read' order by route`,
    );
    const refused = (
      await Promise.all(reads.map((read) => service.call(pathIn(read, 'acme'), { token })))
    ).filter(({ status }) => status === 400);
    // A request that is refused for its parameters has read nothing.
    expect(rows).toHaveLength(reads.length - refused.length);
    expect(rows.every((row) => row.org_id === 'acme' && row.has_request && row.is_recent)).toBe(true);
  });
});

test('each sent event is checked for its type and org', async () => {
  const event = {
    orgId: 'acme',
    eventId: 'e',
    occurredAt: new Date().toISOString(),
    modelId: 'm',
    latencyMs: 1,
    status: 'success',
    inputTokens: 1,
    outputTokens: 1,
    costEstimateCents: 0,
  };
  const events = [event, { ...event, orgId: 'globex' }];
  const { status, json } = await service.call('/analytics/v1/events', {
    token: await tokenOf(['ingest'], ['acme']),
    body: events,
  });
  expect({ status, ...json }).toMatchObject({
    status: 207,
    stored: 1,
    rejected: 1,
    errors: [{ index: 1, code: 'forbidden' }],
  });
  expect(
    (await service.call('/analytics/v1/events', { token: await tokenOf(['finance'], ['acme']), body: event }))
      .status,
  ).toBe(403);
});
