import type { Pool } from 'pg';
import { DAY, MINUTE } from '../../src/time.ts';
import { type AdminBenchQuestion, adminQuestions } from './admin-questions.ts';
import { askRaw, askRepeatedly } from './ask.ts';
import { endProgress, progress } from './progress.ts';
import { quantileOfSorted } from './quantile.ts';
import { orgName } from './seed-events.ts';
import type { Service } from './service.ts';

const ROOT = '/api/v1/analytics/';
const CONNECTIONS = 50;

function ms(time: number): string {
  return time.toFixed(1);
}

function pathOf({ path }: AdminBenchQuestion, org: string | undefined): string {
  return `${ROOT}${path}${path.includes('?') ? '&' : '?'}range=30d${org === undefined ? '' : `&orgId=${org}`}`;
}

type Row = Record<string, string>;

async function measureQuestion(
  service: Service,
  pool: Pool,
  question: AdminBenchQuestion,
  org: string | undefined,
  rawFrom: Date,
): Promise<Row> {
  const path = pathOf(question, org);
  const one = await askRepeatedly(service, () => path, 1);
  const raw =
    question.raw === undefined ? undefined : await askRaw(pool, question.raw, [rawFrom, org ?? null]);
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
 * The summary remembers what it is asked for a minute: what ends a little earlier each time is put together anew. Fifty
 * dashboards are of fifty orgs, opened at once and then again and again.
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
  const line = (times: readonly number[], most: number): Row => {
    const p99 = quantileOfSorted(times, 0.99);
    const row = {
      p50: ms(quantileOfSorted(times, 0.5)),
      p99: ms(p99),
      'meant to be below': String(most),
      'is it': p99 < most ? 'yes' : 'no',
      'sections that failed': String(failed),
    };
    failed = 0;
    return row;
  };
  return {
    'all orgs, put together anew': line(await askRepeatedly(service, endingBefore, 1, check), 300),
    'all orgs, remembered': line(await askRepeatedly(service, () => `${path}?range=30d`, 1, check), 10),
    [`${CONNECTIONS} dashboards at once`]: line(
      await askRepeatedly(service, ofOrg, CONNECTIONS, check),
      1_000,
    ),
  };
}

/**
 * Asks the admin API over 30 days, of all orgs together and of one, and prints how long it took.
 * @param rawFrom since when there are raw events
 */
export async function askAdmin(service: Service, pool: Pool, org: string, rawFrom: Date): Promise<void> {
  const table: Record<string, Row> = {};
  for (const question of adminQuestions) {
    // What is not of events is not of orgs either.
    for (const asked of question.raw === undefined ? [undefined] : [undefined, org]) {
      const name = `${question.path}, ${asked ?? 'all orgs'}`;
      progress(name);
      table[name] = await measureQuestion(service, pool, question, asked, rawFrom);
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
