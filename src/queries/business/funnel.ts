import type { Pool } from 'pg';
import { type SessionStage, session, sessionStages } from '../../events/types/session.ts';
import { type AdminQuery, type AnswerMetadata, metadataOf } from '../reading/admin-query.ts';
import { type Compared, compared } from '../reading/comparison.ts';
import { leastFresh, queryCompared } from '../reading/query-compared.ts';
import { countsOf, type OrderRow, orderSelection, tallyOrders } from './order-figures.ts';
import { type StorefrontRow, storefrontSelection } from './storefront-figures.ts';

export interface FunnelStage {
  stage: SessionStage;
  /** Sessions that began in the range and reached this stage or a later one. */
  sessions: Compared;
  /** Events of the stage in the range, with or without a session. The last stage counts completed orders. */
  events: Compared;
  /** Share of the previous stage that did not reach this one, by the basis; `null` at the first stage, and of none. */
  dropOff: Compared;
  /** Share of the first stage that reached this one, by the basis. */
  reached: Compared;
}

export interface FunnelAnswer extends AnswerMetadata {
  /** The unit of shares: sessions, or events where the range has no session. */
  basis: 'sessions' | 'events';
  stages: FunnelStage[];
}

type Counts = Record<SessionStage, number>;
interface StageRow {
  stage: SessionStage;
  count: number;
}

const stageEvents: Record<string, SessionStage> = {
  visit: 'visit',
  add_to_cart: 'cart',
  checkout: 'checkout',
};

/**
 * How many visitors went on to a cart, to the checkout and to an order. A session counts for the range in which it
 * began, whenever it ended, so no stage has more sessions than the stage before.
 */
export async function answerFunnel(pool: Pool, query: AdminQuery): Promise<FunnelAnswer> {
  const [sessions, visits, orders] = await Promise.all([
    queryCompared<StageRow>(pool, query, { ...storefrontSelection([]), type: session.type }),
    queryCompared<StorefrontRow>(pool, query, storefrontSelection([])),
    queryCompared<OrderRow>(pool, query, orderSelection('order')),
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
  const counts = now[basis];
  const earlier = before?.[basis];
  return {
    ...metadataOf(query, leastFresh(sessions.freshness, visits.freshness, orders.freshness), visits),
    basis,
    stages: sessionStages.map((stage, index) => {
      const last = sessionStages[index - 1];
      return {
        stage,
        sessions: compared(now.sessions[stage], before?.sessions[stage] ?? null),
        events: compared(now.events[stage], before?.events[stage] ?? null),
        dropOff: compared(dropOff(counts, stage, last), earlier ? dropOff(earlier, stage, last) : null),
        reached: compared(
          share(counts[stage], counts.visit),
          earlier ? share(earlier[stage], earlier.visit) : null,
        ),
      };
    }),
  };
}

function noCounts(): Counts {
  return { visit: 0, cart: 0, checkout: 0, complete: 0 };
}

function sessionsByStage(rows: readonly StageRow[]): Counts {
  const counts = noCounts();
  for (const { stage, count } of rows) counts[stage] += count;
  return counts;
}

function eventsByStage(visits: readonly StorefrontRow[], orders: readonly OrderRow[]): Counts {
  const counts = noCounts();
  for (const { stage, count } of visits) {
    const reached = stageEvents[stage];
    if (reached) counts[reached] += count;
  }
  counts.complete = countsOf(tallyOrders(orders)).completed;
  return counts;
}

/** Share of the previous stage that is lost here; below 0 where this stage has more events than the previous one. */
function dropOff(counts: Counts, stage: SessionStage, last: SessionStage | undefined): number | null {
  const went = last && share(counts[stage], counts[last]);
  return went === undefined || went === null ? null : Math.round((1 - went) * 10_000) / 10_000;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}
