import type { Capability } from '../../auth/roles.ts';
import { isConnectionError, isStatementTimeout } from '../../database/connection-error.ts';
import { CodedError, type ErrorCode } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Clock, SECOND, sleep } from '../../time.ts';
import { type AdminQuery, isoRange } from '../reading/admin-query.ts';
import type { AnswerCache, CachedAnswer } from './answer-cache.ts';

export const dashboardSections = ['usage', 'health', 'ml', 'business', 'alerts'] as const;
export type DashboardSection = (typeof dashboardSections)[number];

/** The capability that a caller needs for each section. */
export const sectionCapabilities = {
  usage: 'usage:read',
  health: 'platform:read',
  ml: 'platform:read',
  business: 'business:read',
  alerts: 'alerts:read',
} as const satisfies Record<DashboardSection, Capability>;

/** Computes each section. */
export type SectionLoaders = Record<DashboardSection, (query: AdminQuery) => Promise<{ asOf: string }>>;

/** How long the summary waits for each section, in milliseconds. */
export type SectionBudgets = Record<DashboardSection, number>;

/** Below a second, so that the summary of all sections, computed in parallel, is too. */
export const sectionBudgets: SectionBudgets = {
  usage: 900,
  health: 900,
  ml: 900,
  business: 900,
  alerts: 900,
};

export type SectionAnswer =
  /** The answer of the section's own endpoint, and when it was computed. */
  | { status: 'ok'; storedAt: string; data: object }
  | { status: 'failed'; error: { code: ErrorCode; detail: string } };

export interface Dashboard {
  /** The oldest `asOf` of its sections; null if all failed. */
  asOf: string | null;
  storedAt: string | null;
  sections: Partial<Record<DashboardSection, SectionAnswer>>;
  /** Names of those that failed. */
  failed: DashboardSection[];
}

export interface DashboardSource {
  loaders: SectionLoaders;
  budgets: SectionBudgets;
  cache: AnswerCache;
  /** Maximum age of a section, in milliseconds. */
  ttl: number;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

export interface DashboardQuery extends AdminQuery {
  sections: readonly DashboardSection[];
  /** The name of a relative range such as `24h`. It is part of the cache key in place of the moving timestamps. */
  rangeName: string | undefined;
}

/**
 * Computes the requested sections in parallel, each within its own time limit. A slow or failed section is marked, and
 * the others are returned. Sections are cached one by one, so that callers with different permissions share them.
 */
export async function answerDashboard(source: DashboardSource, query: DashboardQuery): Promise<Dashboard> {
  const answers = await Promise.all(
    query.sections.map(async (section) => [section, await answerSection(source, section, query)] as const),
  );
  const made = answers.flatMap(([, answer]) => (answer.status === 'ok' ? [answer] : []));
  const oldest = (moments: readonly string[]): string | null => moments.toSorted()[0] ?? null;
  return {
    asOf: oldest(made.map(({ data }) => (data as { asOf: string }).asOf)),
    storedAt: oldest(made.map(({ storedAt }) => storedAt)),
    sections: Object.fromEntries(answers),
    failed: answers.flatMap(([section, { status }]) => (status === 'failed' ? [section] : [])),
  };
}

async function answerSection(
  { loaders, budgets, cache, ttl, log }: DashboardSource,
  section: DashboardSection,
  query: DashboardQuery,
): Promise<SectionAnswer> {
  const budget = budgets[section];
  const giveUp = new AbortController();
  try {
    // A section that is too late for this caller is cached for the next.
    const loading = cache.get(keyOf(section, query), ttl, () => loaders[section](query));
    const late = sleep(budget, giveUp.signal).then(() => undefined);
    const found: CachedAnswer<object> | undefined = await Promise.race([loading, late]);
    if (found === undefined)
      throw new CodedError(
        'timed_out',
        `the section took longer than ${budget / SECOND} s; try again, or choose a shorter range`,
      );
    return { status: 'ok', storedAt: new Date(found.storedAt).toISOString(), data: found.value };
  } catch (error) {
    const known = codedError(error);
    if (known.code === 'internal') log.warn({ err: error, section }, 'a section of the dashboard failed');
    return { status: 'failed', error: { code: known.code, detail: known.message } };
  } finally {
    giveUp.abort();
  }
}

/** Everything a section depends on. The caller is no part of it: a section is the same for all who may see it. */
function keyOf(section: DashboardSection, query: DashboardQuery): string {
  const { orgId, range, rangeName, granularity, timezone, compare } = query;
  return `dashboard:${JSON.stringify([section, orgId, rangeName ?? isoRange(range), granularity, timezone, compare])}`;
}

function codedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (isStatementTimeout(error))
    return new CodedError('timed_out', 'the database took too long; try again, or choose a shorter range');
  if (isConnectionError(error))
    return new CodedError('unavailable', 'the database cannot be reached; try again later');
  return new CodedError('internal', 'an internal error occurred; the log of the service has the cause');
}
