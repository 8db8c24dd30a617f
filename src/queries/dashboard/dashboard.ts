import type { Capability } from '../../auth/roles.ts';
import { isConnectionError, isStatementTimeout } from '../../database/connection-error.ts';
import { CodedError, type ErrorCode } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Clock, SECOND, sleep } from '../../time.ts';
import { type AdminQuestion, inWords } from '../reading/admin-question.ts';
import type { AnswerCache, Remembered } from './answer-cache.ts';

export const dashboardSections = ['health', 'ml', 'business', 'alerts'] as const;
export type DashboardSection = (typeof dashboardSections)[number];

/** What a caller must be allowed to, to see a section. */
export const sectionNeeds = {
  health: 'platform:read',
  ml: 'platform:read',
  business: 'business:read',
  alerts: 'alerts:read',
} as const satisfies Record<DashboardSection, Capability>;

/** How each section is made; its answer says as of when it is. */
export type SectionMakers = Record<DashboardSection, (question: AdminQuestion) => Promise<{ asOf: string }>>;

/** How long the summary waits for each section, in milliseconds. */
export type SectionBudgets = Record<DashboardSection, number>;

/** So that all of them, side by side, make a summary in less than a second. */
export const sectionBudgets: SectionBudgets = { health: 900, ml: 900, business: 900, alerts: 900 };

export type SectionAnswer =
  /** What the section's own endpoint answers, and when that was made. */
  | { status: 'ok'; storedAt: string; data: object }
  | { status: 'failed'; error: { code: ErrorCode; detail: string } };

export interface Dashboard {
  /** The oldest of its sections; null when none could be had. */
  asOf: string | null;
  storedAt: string | null;
  sections: Partial<Record<DashboardSection, SectionAnswer>>;
  /** Names of those that failed. */
  failed: DashboardSection[];
}

export interface DashboardSource {
  makers: SectionMakers;
  budgets: SectionBudgets;
  cache: AnswerCache;
  /** Milliseconds that a section may be old. */
  ttl: number;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

export interface DashboardQuestion extends AdminQuestion {
  sections: readonly DashboardSection[];
  /** The range by its name, when it was given so: it moves on, and what is a minute old still answers it. */
  rangeName: string | undefined;
}

/**
 * The sections asked for, side by side, each within its own time; a slow or failed one is marked, and the rest
 * is there. Sections are remembered one by one, so that callers who see different ones share them.
 */
export async function answerDashboard(
  source: DashboardSource,
  question: DashboardQuestion,
): Promise<Dashboard> {
  const answers = await Promise.all(
    question.sections.map(
      async (section) => [section, await answerSection(source, section, question)] as const,
    ),
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
  { makers, budgets, cache, ttl, log }: DashboardSource,
  section: DashboardSection,
  question: DashboardQuestion,
): Promise<SectionAnswer> {
  const budget = budgets[section];
  const giveUp = new AbortController();
  try {
    // What comes too late for this caller is remembered for the next.
    const making = cache.get(keyOf(section, question), ttl, () => makers[section](question));
    const late = sleep(budget, giveUp.signal).then(() => undefined);
    const found: Remembered<object> | undefined = await Promise.race([making, late]);
    if (found === undefined) throw new CodedError('timed_out', `not there within ${budget / SECOND} s`);
    return { status: 'ok', storedAt: new Date(found.storedAt).toISOString(), data: found.value };
  } catch (error) {
    const known = codedError(error);
    if (known.code === 'internal') log.warn({ err: error, section }, 'a section of the dashboard failed');
    return { status: 'failed', error: { code: known.code, detail: known.message } };
  } finally {
    giveUp.abort();
  }
}

/** All that an answer depends on, apart from who asks: sections are the same for all who may see them. */
function keyOf(section: DashboardSection, question: DashboardQuestion): string {
  const { orgId, range, rangeName, granularity, timezone, compare } = question;
  return `dashboard:${JSON.stringify([section, orgId, rangeName ?? inWords(range), granularity, timezone, compare])}`;
}

function codedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (isStatementTimeout(error)) return new CodedError('timed_out', 'the database took too long');
  if (isConnectionError(error)) return new CodedError('unavailable', 'the database cannot be reached');
  return new CodedError('internal', 'something went wrong here; the log says what');
}
