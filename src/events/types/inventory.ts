import type { EventType } from '../event-type.ts';
import { integer, text } from '../field.ts';

export const inventory: EventType = {
  type: 'inventory',
  title: 'Stock level',
  about: 'The number of a product in stock. It is a gauge: the last value counts.',
  metricPrefix: 'inventory',
  failures: [],
  gauge: true,
  fields: {
    sku: text({ column: 'sku', dimension: true, about: 'Id of the product' }),
    quantity: integer({ column: 'quantity', min: -1e9, max: 1e9, about: 'Number in stock' }),
  },
};
