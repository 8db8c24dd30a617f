import type { EventType } from '../event-type.ts';
import { choice, text } from '../field.ts';
import { SHOP_FINE_KEEP } from './order.ts';

export const storefront: EventType = {
  type: 'storefront',
  title: 'Storefront visit',
  about: 'A visitor reaching a stage of the way to an order.',
  metricPrefix: 'storefront',
  fineKeep: SHOP_FINE_KEEP,
  failures: [],
  fields: {
    stage: choice(['visit', 'product_view', 'add_to_cart', 'checkout'], {
      column: 'stage',
      dimension: true,
      about: 'The stage reached',
    }),
    sku: text({ column: 'sku', dimension: true, optional: true, about: 'The product looked at' }),
    collection: text({
      column: 'collection',
      dimension: true,
      optional: true,
      about: 'The collection looked at',
    }),
    sessionId: text({ column: 'session_id', optional: true, about: 'The visit it belongs to' }),
  },
};
