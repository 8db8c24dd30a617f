import type { EventType } from './event-type.ts';
import { alert } from './types/alert.ts';
import { apiRequest } from './types/api-request.ts';
import { error } from './types/error.ts';
import { inventory } from './types/inventory.ts';
import { mlJob } from './types/ml-job.ts';
import { order } from './types/order.ts';
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
];

/** Every type that rows can have: those that events are sent with, and those of the lines inside them. */
export const catalogue: readonly EventType[] = accepted.flatMap((definition) =>
  definition.lines ? [definition, definition.lines.type] : [definition],
);

export const eventTypes: ReadonlyMap<string, EventType> = new Map(
  catalogue.map((definition) => [definition.type, definition]),
);

/** The types that may be sent from outside. */
export const publicTypes: readonly EventType[] = catalogue.filter((definition) => !definition.internal);
