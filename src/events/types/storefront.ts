import type { EventType } from '../event-type.ts';
import { choice, text } from '../field.ts';
import { SHOP_FINE_KEEP } from './order.ts';

export const storefront: EventType = {
  type: 'storefront',
  title: 'Storefront visit',
  about: 'A visitor reached a stage on the way to an order.',
  metricPrefix: 'storefront',
  fineKeep: SHOP_FINE_KEEP,
  failures: [],
  fields: {
    stage: choice(['visit', 'product_view', 'add_to_cart', 'checkout'], {
      column: 'stage',
      dimension: true,
      about: 'The stage that the visitor reached',
    }),
    sku: text({ column: 'sku', dimension: true, optional: true, about: 'The product that was viewed' }),
    collection: text({
      column: 'collection',
      dimension: true,
      optional: true,
      about: 'The collection that was viewed',
    }),
    sessionId: text({ column: 'session_id', optional: true, about: 'The session that the event belongs to' }),
  },
};
