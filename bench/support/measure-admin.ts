import type { Pool } from 'pg';
import { DAY, MINUTE } from '../../src/time.ts';
import { type AdminBenchQuery, adminQueries } from './admin-queries.ts';
import { measureRaw, measureRepeatedly } from './measure.ts';
import { endProgress, progress } from './progress.ts';
import { quantileOfSorted } from './quantile.ts';
import { orgName } from './seed-events.ts';
import type { Service } from './service.ts';

const ROOT = '/api/v1/analytics/';
const CONNECTIONS = 50;

function ms(time: number): string {
  return time.toFixed(1);
}

function pathOf({ path }: AdminBenchQuery, org: string | undefined): string {
  return `${ROOT}${path}${path.includes('?') ? '&' : '?'}range=30d${org === undefined ? '' : `&orgId=${org}`}`;
}

type Row = Record<string, string>;

async function measureQuery(
  service: Service,
  pool: Pool,
  query: AdminBenchQuery,
  { org, rawFrom }: { org: string | undefined; rawFrom: Date },
): Promise<Row> {
  const path = pathOf(query, org);
  const one = await measureRepeatedly(service, () => path, 1);
  const raw = query.raw === undefined ? undefined : await measureRaw(pool, query.raw, [rawFrom, org ?? null]);
  const middle = quantileOfSorted(one, 0.5);
  const p99 = quantileOfSorted(one, 0.99);
  return {
    p50: ms(middle),
    p99: ms(p99),
    'raw SQL': raw === undefined ? '' : ms(raw),
    'raw / ours': raw === undefined ? '' : (raw / middle).toFixed(1),
    'below 100': p99 < 100 ? 'yes' : 'no',
  };
}

/**
 * Measures the dashboard summary, which is cached for a minute. A range that ends slightly earlier each time bypasses the
 * cache. Fifty dashboards of fifty orgs are opened at once, and then again and again.
 */
async function measureSummary(service: Service): Promise<Record<string, Row>> {
  const path = `${ROOT}dashboard/summary`;
  const now = Date.now();
  const endingBefore = (request: number) => {
    const end = now - request * MINUTE;
    return `${path}?start=${new Date(end - 30 * DAY).toISOString()}&end=${new Date(end).toISOString()}`;
  };
  const ofOrg = (request: number) => `${path}?range=30d&orgId=${orgName(request % CONNECTIONS)}`;
  let failed = 0;
  const check = (answer: object) => {
    failed += (answer as { failed: string[] }).failed.length;
  };
  const line = (times: readonly number[], target: number): Row => {
    const p99 = quantileOfSorted(times, 0.99);
    const row = {
      p50: ms(quantileOfSorted(times, 0.5)),
      p99: ms(p99),
      target: String(target),
      met: p99 < target ? 'yes' : 'no',
      'failed sections': String(failed),
    };
    failed = 0;
    return row;
  };
  return {
    'all orgs, not cached': line(await measureRepeatedly(service, endingBefore, 1, check), 300),
    'all orgs, cached': line(await measureRepeatedly(service, () => `${path}?range=30d`, 1, check), 10),
    [`${CONNECTIONS} dashboards at once`]: line(
      await measureRepeatedly(service, ofOrg, CONNECTIONS, check),
      1_000,
    ),
  };
}

/**
 * Measures the admin API over 30 days, for all orgs together and for one, and prints the times.
 * @param rawFrom time of the first raw events
 */
export async function measureAdmin(service: Service, pool: Pool, org: string, rawFrom: Date): Promise<void> {
  const table: Record<string, Row> = {};
  for (const query of adminQueries) {
    // Numbers that do not come from events have no org either.
    for (const orgOrAll of query.raw === undefined ? [undefined] : [undefined, org]) {
      const name = `${query.path}, ${orgOrAll ?? 'all orgs'}`;
      progress(name);
      table[name] = await measureQuery(service, pool, query, { org: orgOrAll, rawFrom });
    }
  }
  endProgress();
  console.log('Milliseconds; 30 days, one connection.');
  console.table(table);
  progress('dashboard/summary');
  const summary = await measureSummary(service);
  endProgress();
  console.log('The dashboard in one call, 30 days.');
  console.table(summary);
}
