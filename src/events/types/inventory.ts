import type { EventType } from '../event-type.ts';
import { integer, text } from '../field.ts';

export const inventory: EventType = {
  type: 'inventory',
  title: 'Stock level',
  about: 'How many of a product are in stock: a gauge, of which the last value stands.',
  metricPrefix: 'inventory',
  failures: [],
  gauge: true,
  fields: {
    sku: text({ column: 'sku', dimension: true, about: 'The product' }),
    quantity: integer({ column: 'quantity', min: -1e9, max: 1e9, about: 'How many are in stock' }),
  },
};
