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
  /** Share of the previous stage that did not reach this one, by the basis; `null` where it cannot be told. */
  dropOff: Compared;
  /** Share of the first stage that reached this one, by the basis; `null` where it cannot be told. */
  reached: Compared;
  /** Why a share of this stage cannot be told. */
  notTold?: string;
}

export interface FunnelAnswer extends AnswerMetadata {
  /** The unit of shares: sessions, or events where too few visits belong to a session. */
  basis: Basis;
  /** Sessions as a share of the visits of the range, at most 1; `null` without visits. */
  sessionCoverage: number | null;
  stages: FunnelStage[];
}

type Basis = 'sessions' | 'events';
type Counts = Record<SessionStage, number>;
/** The counts of a range by either unit. */
type Counted = Record<Basis, Counts>;

/** With fewer sessions, most visitors are in no session, and the sessions say nothing about them. */
const LEAST_COVERAGE = 0.5;
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
  const basis = basisOf(now);
  const counts = now[basis];
  // If most visits of the earlier time belong to no session, its sessions are no measure for those of now.
  const earlier = before && (basis === 'events' || basisOf(before) === basis) ? before[basis] : undefined;
  return {
    ...metadataOf(query, leastFresh(sessions.freshness, visits.freshness, orders.freshness), visits),
    basis,
    sessionCoverage: coverageOf(now),
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
        ...notTold(counts, stage, last),
      };
    }),
  };
}

function basisOf(counted: Counted): Basis {
  const { sessions, events } = counted;
  if (sessions.visit === 0) return 'events';
  return events.visit === 0 || sessions.visit >= events.visit * LEAST_COVERAGE ? 'sessions' : 'events';
}

function coverageOf({ sessions, events }: Counted): number | null {
  const coverage = events.visit === 0 ? null : sessions.visit / events.visit;
  return coverage === null ? null : Math.min(1, Math.round(coverage * 10_000) / 10_000);
}

/** A visitor may cause several events of a stage, so events can be more than those of an earlier stage. */
function notTold(counts: Counts, stage: SessionStage, last: SessionStage | undefined): { notTold?: string } {
  const fewer = [...new Set([last, 'visit' as const])].filter(
    (earlier) => earlier !== undefined && counts[stage] > counts[earlier],
  );
  if (fewer.length === 0) return {};
  const than = fewer.map((earlier) => `${earlier} (${earlier && counts[earlier]})`).join(' and ');
  return {
    notTold: `${stage} has more events (${counts[stage]}) than ${than}; send sessionId to count sessions`,
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

/** Share of the previous stage that is lost here. */
function dropOff(counts: Counts, stage: SessionStage, last: SessionStage | undefined): number | null {
  const went = last && share(counts[stage], counts[last]);
  return went === undefined || went === null ? null : Math.round((1 - went) * 10_000) / 10_000;
}

/** `null` of nothing, and where the part is more than the whole. */
function share(part: number, whole: number): number | null {
  return whole === 0 || part > whole ? null : Math.round((part / whole) * 10_000) / 10_000;
}
