import type { Pool } from 'pg';
import { type SessionStage, session, sessionStages } from '../../events/types/session.ts';
import { type AdminFrame, type AdminQuestion, frameOf } from '../reading/admin-question.ts';
import { askCompared, leastFresh } from '../reading/ask-compared.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import { countsOf, type OrderRow, orderRowsOf, tallyOrders } from './order-figures.ts';
import { type StorefrontRow, storefrontRows } from './storefront-figures.ts';

export interface FunnelStage {
  stage: SessionStage;
  /** Sessions that began in the range and reached this stage or a later one. */
  sessions: Compared;
  /** Events of the stage in the range, with and without a session; completed orders at the end. */
  events: Compared;
  /** By the basis: the share of those at the stage before that did not get here; `null` at the first, and of none. */
  dropOff: Compared;
  /** By the basis: the share of those at the first stage that got here. */
  reached: Compared;
}

export interface FunnelAnswer extends AdminFrame {
  /** What shares are of: sessions, or events where no session is known in the range. */
  basis: 'sessions' | 'events';
  stages: FunnelStage[];
}

type Counts = Record<SessionStage, number>;
interface StageRow {
  stage: string;
  count: number;
}

const stageEvents: Record<string, SessionStage> = {
  visit: 'visit',
  add_to_cart: 'cart',
  checkout: 'checkout',
};

/**
 * How many of those who came went on to a cart, to the checkout and to an order. A session counts for the time in
 * which it began, whenever it ended, so no stage has more of them than the one before.
 */
export async function answerFunnel(pool: Pool, question: AdminQuestion): Promise<FunnelAnswer> {
  const [sessions, visits, orders] = await Promise.all([
    askCompared<StageRow>(pool, question, ['whole'], { ...storefrontRows([]), type: session.type }),
    askCompared<StorefrontRow>(pool, question, ['whole'], storefrontRows([])),
    askCompared<OrderRow>(pool, question, ['whole'], orderRowsOf('order')),
  ]);
  const now = {
    sessions: sessionsByStage(sessions.rows),
    events: eventsByStage(visits.rows, orders.rows),
  };
  const before = sessions.rowsBefore &&
    visits.rowsBefore &&
    orders.rowsBefore && {
      sessions: sessionsByStage(sessions.rowsBefore),
      events: eventsByStage(visits.rowsBefore, orders.rowsBefore),
    };
  const basis = now.sessions.visit > 0 || (before?.sessions.visit ?? 0) > 0 ? 'sessions' : 'events';
  const of = now[basis];
  const then = before?.[basis];
  return {
    ...frameOf(question, leastFresh(sessions.freshness, visits.freshness, orders.freshness), visits),
    basis,
    stages: sessionStages.map((stage, index) => {
      const last = sessionStages[index - 1];
      return {
        stage,
        sessions: compared(now.sessions[stage], before?.sessions[stage] ?? null),
        events: compared(now.events[stage], before?.events[stage] ?? null),
        dropOff: compared(dropOff(of, stage, last), then ? dropOff(then, stage, last) : null),
        reached: compared(share(of[stage], of.visit), then ? share(then[stage], then.visit) : null),
      };
    }),
  };
}

function none(): Counts {
  return { visit: 0, cart: 0, checkout: 0, complete: 0 };
}

function sessionsByStage(rows: readonly StageRow[]): Counts {
  const counts = none();
  for (const { stage, count } of rows) counts[stage as SessionStage] += count;
  return counts;
}

function eventsByStage(visits: readonly StorefrontRow[], orders: readonly OrderRow[]): Counts {
  const counts = none();
  for (const { stage, count } of visits) {
    const reached = stageEvents[stage];
    if (reached) counts[reached] += count;
  }
  counts.complete = countsOf(tallyOrders(orders)).completed;
  return counts;
}

/** Of those at the last stage; below 0 where events of this one outnumber those of the last. */
function dropOff(counts: Counts, stage: SessionStage, last: SessionStage | undefined): number | null {
  const went = last && share(counts[stage], counts[last]);
  return went === undefined || went === null ? null : Math.round((1 - went) * 10_000) / 10_000;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}
