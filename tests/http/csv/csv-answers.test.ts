/** Every question that answers CSV tells in it what it tells in JSON. */
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY } from '../../../src/time.ts';
import { makeNotice } from '../../support/alerting/notices.ts';
import { fireAlert } from '../../support/alerting/outbox.ts';
import { sampleEvents } from '../../support/events/event-samples.ts';
import { type Answer, tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const ORG = '=sum("a")/b';

type Json = Record<string, unknown>;
type Cells = Record<string, string>;

/** Hours that have ended, so that an answer is the same at each request. */
const HOUR = 3_600_000;
const END = Math.floor(Date.now() / HOUR) * HOUR - HOUR;
const RANGE = new URLSearchParams({
  start: new Date(END - 24 * HOUR).toISOString(),
  end: new Date(END).toISOString(),
});

/** Each question, and its tables by the field of the answer that has their rows (`''`: the answer itself). */
const questions: [path: string, tables: Record<string, string>][] = [
  [`/analytics/v1/orgs/{org}/usage?groupBy=model&granularity=hour`, { series: 'series', totals: 'totals' }],
  [
    `/analytics/v1/orgs/{org}/usage?groupBy=model,status,errorCode&top=1&topBy=cost&granularity=hour&compare=previous`,
    { series: 'series', totals: 'totals' },
  ],
  [
    `/analytics/v1/orgs/{org}/reliability?groupBy=errorCode&granularity=quarter_hour&compare=year`,
    { series: 'series', totals: 'totals' },
  ],
  [`/analytics/v1/orgs/{org}/usage?granularity=none&timezone=Asia/Kathmandu`, { series: 'series' }],
  [`/analytics/v1/orgs/{org}/reliability?percentile=p50,p99.9`, { series: 'series', totals: 'totals' }],
  [`/analytics/v1/orgs/{org}/freshness`, { entries: 'entries' }],
  [`/analytics/v1/orgs/{org}/event-conflicts`, { conflicts: 'conflicts' }],
  [
    '/api/v1/analytics/ml/overview',
    { series: 'series', groups: 'groups', errors: 'errors', totals: 'totals' },
  ],
  ['/api/v1/analytics/ml/providers?compare=week', { series: 'series', groups: 'groups' }],
  ['/api/v1/analytics/business/overview?compare=previous', { overview: '' }],
  [
    '/api/v1/analytics/business/sales?breakdown=channel&compare=previous',
    { series: 'series', totals: 'totals', groups: 'groups' },
  ],
  ['/api/v1/analytics/business/products?limit=1', { products: 'products', needsAttention: 'needsAttention' }],
  ['/api/v1/analytics/business/collections', { collections: 'collections' }],
  ['/api/v1/analytics/business/funnel', { stages: 'stages' }],
  ['/api/v1/analytics/health/overview', { overview: '', reasons: 'reasons' }],
  ['/api/v1/analytics/health/api', { routes: 'routes' }],
  ['/api/v1/analytics/health/timeseries?metric=latency_p95', { series: 'series' }],
  [
    '/api/v1/analytics/health/database',
    { tables: 'tables', pools: 'pools', slowStatements: 'slowStatements' },
  ],
  ['/api/v1/analytics/alerts/history?limit=2', { alerts: 'alerts' }],
  ['/api/v1/analytics/alerts/active', { alerts: 'alerts' }],
  ['/api/v1/analytics/alerts/configs', { configs: 'configs' }],
  ['/api/v1/analytics/alerts/silences', { silences: 'silences' }],
  ['/api/v1/analytics/audit?action=alert_config.create', { entries: 'entries' }],
  ['/analytics/v1/orgs', { orgs: 'orgs' }],
  ['/api/v1/analytics/model-prices/unpriced', { models: 'models' }],
];

/** Figures of this very moment, which are others at the next request. */
const OF_NOW =
  /^(service_|as_of$|freshness_|latency_|\w+_bytes$|active$|idle$|waiting$|rows$|dead_rows$|next_evaluation_at$|waiting_since$|last_evaluated_at$)/;

beforeAll(async () => {
  const occurredAt = new Date(END - HOUR / 2).toISOString();
  const unpriced = {
    modelId: '-m',
    status: 'success',
    inputTokens: 3,
    outputTokens: 4,
    eventId: 'unpriced',
    occurredAt,
  };
  const events = [...Object.values(sampleEvents(occurredAt)), unpriced].map((event) => ({
    ...event,
    orgId: ORG,
  }));
  const conflicting = { ...events[0], inputTokens: 999 };
  for (const body of [events, [conflicting]]) {
    const { json } = await service.call('/analytics/v1/events', { body });
    expect(json).toMatchObject({ rejected: 0 });
  }
  await rollUp(service.database.pool);
  const rule = {
    orgId: ORG,
    name: '=rule',
    metric: 'usage.error_rate',
    type: 'threshold_above',
    threshold: 0.5,
  };
  const made = await service.call('/api/v1/analytics/alerts/configs', {
    body: { ...rule, filters: { modelId: '@m' } },
  });
  expect(made.json.detail).toBeUndefined();
  const silence = {
    ...{ orgId: ORG, reason: 'a comma, and "quotes"', severities: ['critical'] },
    endsAt: new Date(Date.now() + DAY).toISOString(),
  };
  expect((await service.call('/api/v1/analytics/alerts/silences', { body: silence })).status).toBe(201);
  for (let alert = 0; alert < 3; alert++)
    await fireAlert(service.database.pool, makeNotice({ orgId: ORG, group: { modelId: '@m,"1"' } }));
});

function pathOf(path: string): string {
  const isOfOrg = path.includes('{org}');
  const takesRange = !/freshness|database|alerts|conflicts|audit|v1.orgs$|unpriced/.test(path);
  const query = new URLSearchParams(takesRange ? RANGE : {});
  if (!isOfOrg && !/\/(database|orgs)$/.test(path)) query.set('orgId', ORG);
  return `${path.replace('{org}', encodeURIComponent(ORG))}${path.includes('?') ? '&' : '?'}${query}`;
}

async function ask(path: string, query = '', headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await service.call(`${pathOf(path)}${query}`, { headers });
  expect({ path, status: answer.status, detail: answer.json?.detail }).toMatchObject({ status: 200 });
  return answer;
}

/** The values of a row by the names of their columns, as a file without formula protection has them. */
function cellsOf(value: unknown, name = ''): Cells {
  if (value === null || value === undefined || value === '') return {};
  if (Array.isArray(value)) return { [name]: JSON.stringify(value) };
  if (typeof value === 'string')
    return {
      [name]: value.replace(/^(\d{4}-.*:\d\d)\.(\d*?)0*Z$/, (_, at, rest) => `${at}${rest && `.${rest}`}Z`),
    };
  if (typeof value !== 'object') return { [name]: String(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => {
      const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return cellsOf(inner, name === '' ? snake : `${name}_${snake}`);
    }),
  );
}

/** The rows that a table should have: one for each entry of the list, and for each of its currencies. */
function rowsOf(json: Json, field: string): Cells[] {
  const list = field === '' ? json : json[field];
  const entries = (Array.isArray(list) ? list : [list ?? []].flat()) as Json[];
  return entries.flatMap((entry) => {
    const {
      totals,
      series: _series,
      byCurrency,
      ...row
    } = field === 'groups' && entry.totals ? { ...entry, ...(entry.totals as Json) } : entry;
    void totals;
    // What an entry of the audit log is about may have any fields, so it is JSON in one cell.
    for (const side of field === 'entries' ? ['before', 'after'] : [])
      row[side] = row[side] === null ? null : JSON.stringify(row[side]);
    const amounts = (byCurrency as Json[] | undefined) ?? [];
    const org =
      field === '' || json.orgId === undefined || row.orgId !== undefined ? {} : { orgId: json.orgId };
    return (amounts.length === 0 ? [{}] : amounts).map((amount) => cellsOf({ ...org, ...row, ...amount }));
  });
}

function readCsv(text: string): Cells[] {
  const rows = parse(text, { columns: true }) as Cells[];
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== '')));
}

function lasting(rows: readonly Cells[]): Cells[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !OF_NOW.test(name))));
}

test.each(questions)('%s has the same in both', async (path, tables) => {
  const { json } = await ask(path);
  const answered = await Promise.all(
    Object.entries(tables).map(async ([table, field]) => {
      const query = Object.keys(tables)[0] === table ? '' : `&table=${table}`;
      const { text, headers } = await ask(path, `&format=csv&raw=true${query}`);
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(lasting(readCsv(text))).toEqual(lasting(rowsOf(json, field)));
      return rowsOf(json, field).length;
    }),
  );
  if (!/database/.test(path)) expect(Math.max(...answered)).toBeGreaterThan(0);
});

test('every question that offers CSV is compared here', async () => {
  const { json } = await service.call('/openapi.json', { token: null });
  const offering = Object.entries<Json>(json.paths).flatMap(([path, methods]) =>
    JSON.stringify(methods).includes('`Accept: text/csv`') ? [path.replace('{orgId}', '{org}')] : [],
  );
  const compared = questions.map(([path]) => path.split('?')[0]);
  const pipelines = offering.filter((path) => path.startsWith('/api/v1/analytics/ml/'));
  expect(offering.filter((path) => !compared.includes(path) && !pipelines.includes(path))).toEqual([]);
});

describe('the caller chooses the format', () => {
  const path = '/analytics/v1/orgs/{org}/usage';

  test.each([
    ['text/csv', 'text/csv'],
    ['text/csv;q=0.5, application/json;q=0.4', 'text/csv'],
    ['application/json, text/csv;q=0.5', 'application/json'],
    ['text/csv;q=0', 'application/json'],
    ['text/html, */*', 'application/json'],
  ])('Accept: %s gets %s', async (accept, type) => {
    const { headers } = await ask(path, '', { accept });
    expect(headers.get('content-type')).toMatch(type);
    expect(headers.get('vary')).toBe('Accept');
  });

  test('the parameter wins over the header', async () => {
    const { json } = await ask(path, '&format=json', { accept: 'text/csv' });
    expect(json).toMatchObject({ orgId: ORG });
  });

  test.each(['format=xml', 'table=nothing&format=csv', 'raw=true', 'bom=yes&format=csv'])(
    '%s is refused by the name of the parameter',
    async (query) => {
      const { status, json } = await service.call(`${pathOf(path)}&${query}`);
      expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path: query.split('=')[0] });
    },
  );

  test('an error is JSON in either format', async () => {
    const token = await tokenOf(['engineer'], ['mine']);
    for (const wanted of ['/usage?format=csv', '/events.csv']) {
      const { status, json } = await service.call(`/analytics/v1/orgs/other${wanted}`, { token });
      expect({ status, code: json.code }).toEqual({ status: 403, code: 'forbidden' });
    }
  });
});

describe('a file', () => {
  test('is protected from formulas, and numbers are not touched', async () => {
    const [row] = readCsv((await ask('/analytics/v1/orgs/{org}/usage', '&format=csv')).text);
    expect(row).toMatchObject({ org_id: `'${ORG}`, invocations: expect.stringMatching(/^\d+$/) });
  });

  test('has a safe name, and says as of when it is complete', async () => {
    const { headers } = await ask(
      '/api/v1/analytics/business/sales?breakdown=channel',
      '&format=csv&table=groups',
    );
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="business-sales-groups-[\w.-]+-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.csv"$/,
    );
    expect(Date.parse(headers.get('tidemark-as-of') ?? '')).not.toBeNaN();
  });

  test('says when the list goes on', async () => {
    const { headers } = await ask('/api/v1/analytics/business/products?limit=1', '&format=csv');
    expect(headers.get('tidemark-truncated')).toMatch(/^rows=1; matched=\d+$/);
    const page = await ask('/api/v1/analytics/alerts/history?limit=2', '&format=csv');
    const next = await ask(
      '/api/v1/analytics/alerts/history?limit=2',
      `&after=${page.headers.get('tidemark-next')}`,
    );
    expect(next.json.alerts).toHaveLength(1);
  });
});
