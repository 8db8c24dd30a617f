import { type EventType, isPriced, type PricedType } from './event-type.ts';
import { alert } from './types/alert.ts';
import { apiRequest } from './types/api-request.ts';
import { error } from './types/error.ts';
import { inventory } from './types/inventory.ts';
import { mlJob } from './types/ml-job.ts';
import { order } from './types/order.ts';
import { overRefund } from './types/over-refund.ts';
import { session } from './types/session.ts';
import { storefront } from './types/storefront.ts';
import { usage } from './types/usage.ts';

/** The type of an event that does not name one. */
export const DEFAULT_TYPE = usage.type;

const accepted: readonly EventType[] = [
  usage,
  apiRequest,
  mlJob,
  order,
  storefront,
  inventory,
  error,
  alert,
  session,
  overRefund,
];

/** Every type that a row can have: the types of events, and those of the lines inside them. */
export const catalogue: readonly EventType[] = accepted.flatMap((definition) =>
  definition.lines ? [definition, definition.lines.type] : [definition],
);

export const eventTypes: ReadonlyMap<string, EventType> = new Map(
  catalogue.map((definition) => [definition.type, definition]),
);

/** The types whose events are priced from the price table when they do not say their cost. */
export const pricedTypes: readonly PricedType[] = catalogue.filter(isPriced);

/** The types that callers may send. */
export const publicTypes: readonly EventType[] = catalogue.filter((definition) => !definition.internal);
