/** Labels as an org uses them: declared, sent, asked for, and left out again. */
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { sleep } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const LABELS = '/analytics/v1/orgs/acme/labels';
const USAGE = '/analytics/v1/orgs/acme/usage';
const RELIABILITY = '/analytics/v1/orgs/acme/reliability';
/** A process learns of declared labels within two seconds. */
const LEARNED = 2_100;

function call(labels?: Record<string, string>, orgId = 'acme') {
  return makeUsage({ orgId, modelId: 'gpt-4o', ...(labels && { labels }) });
}

async function send(...events: object[]) {
  const answer = await service.call('/analytics/v1/events', { body: events });
  await rollUp(service.database.pool);
  return answer.json;
}

function declare(labels: string[], token?: string) {
  return service.call(LABELS, { method: 'PUT', body: { labels }, ...(token && { token }) });
}

interface Shown {
  modelId?: string;
  labels?: Record<string, string | null>;
  invocations: number;
}

async function groups(query: Record<string, string>, path = USAGE) {
  const { json } = await service.call(`${path}?${new URLSearchParams({ granularity: 'none', ...query })}`);
  expect(json).toHaveProperty('series');
  return json.series.map(({ modelId, labels, invocations }: Shown) => ({
    ...(modelId && { modelId }),
    ...labels,
    invocations,
  }));
}

beforeAll(async () => {
  expect(await send(call({ team: 'search', env: 'prod' }))).toMatchObject({ stored: 1 });
  expect((await declare(['team', 'env'])).status).toBe(200);
  await sleep(LEARNED);
  await send(
    call({ team: 'search', env: 'prod', ticket: 'a' }),
    call({ env: 'test', team: 'search', ticket: 'b' }),
    call({ team: 'shop', env: 'prod' }),
    call({ team: 'shop' }),
    call(),
    call({ team: 'other org' }, 'neighbour'),
  );
});

describe('numbers', () => {
  test('are grouped by a label from its declaration on', async () => {
    expect(await groups({ groupBy: 'label.team' })).toEqual([
      { team: 'search', invocations: 2 },
      { team: 'shop', invocations: 2 },
      { team: null, invocations: 2 },
    ]);
  });

  test('are grouped by a model and a label, or by two labels', async () => {
    expect(await groups({ groupBy: 'model,label.env' })).toEqual([
      { modelId: 'gpt-4o', env: 'prod', invocations: 2 },
      { modelId: 'gpt-4o', env: 'test', invocations: 1 },
      { modelId: 'gpt-4o', env: null, invocations: 3 },
    ]);
    expect(await groups({ groupBy: 'label.env,label.team' })).toContainEqual({
      ...{ env: 'test', team: 'search' },
      invocations: 1,
    });
  });

  test('are filtered by labels, of one value or several', async () => {
    expect(await groups({ 'label.team': 'search' })).toEqual([{ invocations: 2 }]);
    expect(await groups({ 'label.team': 'search', 'label.env': 'prod' })).toEqual([{ invocations: 1 }]);
    expect(await groups({ 'label.team': 'search,shop', groupBy: 'label.env' }, RELIABILITY)).toEqual([
      { env: 'prod', invocations: 2 },
      { env: 'test', invocations: 1 },
      { env: null, invocations: 1 },
    ]);
  });

  test('of all calls are the same with and without labels', async () => {
    expect(await groups({})).toEqual([{ invocations: 6 }]);
  });
});

describe('a question is refused', () => {
  test.each([
    [
      { groupBy: 'label.ticket' },
      'groupBy',
      /^label.ticket is no dimension of this org; its labels are env, team$/,
    ],
    [{ 'label.tema': 'x' }, 'label.tema', /no dimension/],
    [{ groupBy: "label.a'b" }, 'groupBy', /^must be 1 to 3 of model, client.*label\.KEY/],
    [{ groupBy: 'label.team,label.team' }, 'groupBy', /^must not repeat label.team$/],
    [{ 'label.team': '' }, 'label.team', /1/],
    [{ 'label.': 'x' }, 'label.', /not known.*label\.KEY/],
  ])('for %j', async (query, path, message) => {
    const { status, json } = await service.call(
      `${USAGE}?${new URLSearchParams(query as Record<string, string>)}`,
    );
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });
});

describe('labels', () => {
  test('are declared by an org admin for the own org, and the audit log says so', async () => {
    const token = await tokenOf(['org_admin'], ['acme']);
    expect((await declare(['team', 'env'], token)).json).toEqual({
      orgId: 'acme',
      labels: ['env', 'team'].map((key) => ({ key, declaredAt: expect.any(String), endedAt: null })),
    });
    for (const other of [await tokenOf(['engineer'], ['acme']), await tokenOf(['org_admin'], ['neighbour'])])
      expect((await declare(['team'], other)).status).toBe(403);
    const { rows } = await service.database.pool.query(
      `select org_id, after from analytics.audit_log where action = 'labels.declare' order by at limit 1`,
    );
    expect(rows).toEqual([{ org_id: 'acme', after: { labels: ['env', 'team'] } }]);
  });

  test.each([
    [['a b'], '$.labels[0]', /letters, digits/],
    [['a', 'a'], '$.labels[1]', /repeats a/],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'], '$.labels', /at most 8 keys, and not 9/],
  ])('%j are refused', async (labels, path, message) => {
    const { status, json } = await declare(labels);
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('of an event are refused by name, and other events of the request are stored', async () => {
    const wrong = [{ 'a b': 'x' }, { team: '' }, { team: 7 }, 'text'] as object[] as Record<string, string>[];
    const answer = await send(
      ...wrong.map((labels) => call(labels, 'neighbour')),
      call(undefined, 'neighbour'),
    );
    expect(answer).toMatchObject({ stored: 1, rejected: 4 });
    expect(answer.errors.map(({ detail }: { detail: string }) => detail)).toEqual([
      expect.stringMatching(/labels.*a key is 1 to 60 letters.*not a b/),
      expect.stringMatching(/labels.*that of team must be text of 1 to 200 characters/),
      expect.stringMatching(/labels.*that of team must be text/),
      expect.stringMatching(/labels.*an object of at most 20 texts by key/),
    ]);
  });

  test('in another order are the same event', async () => {
    const event = call({ team: 'search', env: 'prod' }, 'neighbour');
    expect(await send(event)).toMatchObject({ stored: 1 });
    expect(await send({ ...event, labels: { env: 'prod', team: 'search' } })).toMatchObject({
      duplicates: 1,
    });
    expect(await send({ ...event, labels: { env: 'prod' } })).toMatchObject({ conflicts: 1 });
  });

  test('that are no longer declared keep their numbers', async () => {
    await declare(['env']);
    await sleep(LEARNED);
    await send(call({ team: 'late', env: 'prod' }));
    const teams = await groups({ groupBy: 'label.team' });
    expect(teams).toContainEqual({ team: 'shop', invocations: 2 });
    expect(teams.map(({ team }: { team: string }) => team)).not.toContain('late');
    expect(await groups({ 'label.env': 'prod' })).toEqual([{ invocations: 3 }]);
  });
});
