import type { EventType } from '../event-type.ts';
import { choice } from '../field.ts';
import { SHOP_FINE_KEEP } from './order.ts';

/** The stages from a visit to an order. */
export const sessionStages = ['visit', 'cart', 'checkout', 'complete'] as const;
export type SessionStage = (typeof sessionStages)[number];

/** How far a session got. There are no such events: the fold counts sessions from storefront events and orders. */
export const session: EventType = {
  type: 'session',
  title: 'Session',
  about:
    'A session (by sessionId) that reached a stage. It counts once for each stage up to the latest, at the time it began.',
  metricPrefix: 'session',
  internal: true,
  derived: true,
  fineKeep: SHOP_FINE_KEEP,
  failures: [],
  fields: {
    stage: choice(sessionStages, {
      column: 'stage',
      dimension: true,
      about: 'The stage that the session reached',
    }),
  },
};
