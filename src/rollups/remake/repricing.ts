import type { EventType } from '../../events/event-type.ts';
import { MOST_NANODOLLARS } from '../../prices/cost.ts';

/** The values that choose the prices of events, in the order of `scope`; `null`: the events have none. */
export type ScopeValues = readonly (string | null)[];

/**
 * How the events of one type are priced again. In the SQL, `e` is a raw event, `r` a row of rollups, and `p` a stretch of
 * time with one price.
 */
export interface Repricing {
  definition: EventType;
  /** The dimensions of a series that choose its prices. The first is in every price. */
  scope: readonly string[];
  /** Columns of a stretch beside its scope and times, with their types. */
  rates: string;
  /** Whether the rates of the stretch are those of the event or row. */
  matchesEvent: string;
  matchesRow: string;
  /** The cost in nano-dollars, if the stretch has a price. */
  eventCost: string;
  /** The same of the sums of a row. */
  rowCost: string;
  /** Whether the cost of the row cannot be computed from its sums. It keeps the cost that it has. */
  rowKeeps: string;
  /**
   * The stretches of a scope through a range, as JSON for `rates`.
   * @returns `undefined` if these events are not to be repriced
   */
  stretches(scope: ScopeValues, range: { start: number; end: number }): object[] | undefined;
}

/** The cost by the price `p`; null where there is no price, or one that gives more than so many events may cost. */
export function costBy(cost: string, events: string): string {
  return `
  case when p.has_price then (
    select case when c.cost <= ${MOST_NANODOLLARS} * ${events} then c.cost::bigint end from (select ${cost} as cost) as c
  ) end`;
}
