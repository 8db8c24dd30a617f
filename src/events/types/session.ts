import type { EventType } from '../event-type.ts';
import { choice } from '../field.ts';
import { SHOP_FINE_KEEP } from './order.ts';

/** The way of a visit to an order, stage by stage. */
export const sessionStages = ['visit', 'cart', 'checkout', 'complete'] as const;
export type SessionStage = (typeof sessionStages)[number];

/** How far a visit got. There are no such events: the fold counts sessions from those of the storefront. */
export const session: EventType = {
  type: 'session',
  title: 'Session',
  about:
    'A visit reaching a stage, counted once where the visit began, by its sessionId; it reached a stage when it reached a later one.',
  metricPrefix: 'session',
  internal: true,
  derived: true,
  fineKeep: SHOP_FINE_KEEP,
  failures: [],
  fields: {
    stage: choice(sessionStages, { column: 'stage', dimension: true, about: 'The stage reached' }),
  },
};
