import type { EventType } from '../event-type.ts';
import { text } from '../field.ts';
import { SHOP_FINE_KEEP } from './order.ts';

/** What was given back beyond what was paid. There are no such events: the fold computes it for each order. */
export const overRefund: EventType = {
  type: 'over_refund',
  title: 'Over-refund',
  about:
    'A refund or cancellation gave back more than what was left of its completed order. It counts with the excess, at its own time.',
  metricPrefix: 'over_refund',
  internal: true,
  derived: true,
  fineKeep: SHOP_FINE_KEEP,
  value: { name: 'amount', kind: 'amount' },
  failures: [],
  fields: {
    currency: text({ column: 'currency', dimension: true, about: 'The currency of the order' }),
  },
};
