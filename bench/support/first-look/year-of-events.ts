import { DAY, MINUTE } from '../../../src/time.ts';
import { normal, seeded } from '../random.ts';

/** How many events of each type a year has. */
export interface YearSize {
  orders: number;
  usage: number;
  requests: number;
  jobs: number;
  visits: number;
}

/** Days before `end` that the events are spread over: nearly as old as ingestion accepts. */
export const DAYS = 399;
const CATEGORIES = ['ring', 'necklace', 'bracelet', 'earrings', 'watch', 'brooch', 'chain'];

type Event = Record<string, unknown>;

/** Events of one org of every type that questions are about, in the order of their times. */
export function yearOfEvents(orgId: string, size: YearSize, end: number): Event[] {
  const random = seeded(22);
  const below = (n: number) => Math.floor(n * random());
  const one = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const milliseconds = (middle: number) => Math.round(Math.exp(Math.log(middle) + 0.6 * normal(random)));
  const events: Event[] = [];
  const add = (count: number, type: string, fields: (index: number) => Event) => {
    for (let index = 0; index < count; index++) {
      const at = end - MINUTE - random() * (DAYS * DAY - MINUTE);
      const eventId = `${type}-${index}`;
      events.push({ eventId, orgId, type, occurredAt: new Date(at).toISOString(), ...fields(index) });
    }
  };
  add(size.orders, 'order', (index) => ({
    orderId: `order-${index}`,
    status: 'completed',
    currency: one(['EUR', 'EUR', 'USD']),
    customerId: `customer-${below(size.orders / 3)}`,
    channel: one(['web', 'app', 'store']),
    items: Array.from({ length: 1 + below(3) }, () => {
      const product = below(120);
      const category = CATEGORIES[product % CATEGORIES.length];
      const collection = `collection-${product % 12}`;
      const priceCents = 500 + 250 * product;
      return {
        sku: `sku-${product}`,
        name: `Product ${product}`,
        category,
        collection,
        quantity: 1,
        priceCents,
      };
    }),
  }));
  add(size.usage, 'usage', () => ({
    modelId: `model-${below(12)}`,
    clientId: `client-${below(40)}`,
    latencyMs: milliseconds(400),
    status: random() < 0.02 ? 'error' : 'success',
    inputTokens: below(2_000),
    outputTokens: below(800),
    costEstimateCents: below(1_000) / 100,
  }));
  add(size.requests, 'api_request', () => ({
    method: one(['GET', 'GET', 'POST']),
    route: `/route-${below(30)}`,
    statusCode: random() < 0.02 ? 500 : 200,
    durationMs: milliseconds(80),
  }));
  add(size.jobs, 'ml_job', () => ({
    pipeline: one(['3d', 'descriptions', 'assets']),
    operation: one(['generate', 'refine']),
    provider: one(['tripo', 'gemini', 'replicate']),
    status: random() < 0.05 ? 'error' : 'success',
    durationMs: milliseconds(20_000),
    costCents: below(5_000) / 100,
  }));
  add(size.visits, 'storefront', () => {
    const product = below(120);
    return {
      stage: one(['visit', 'product_view', 'product_view', 'add_to_cart', 'checkout']),
      sku: `sku-${product}`,
      sessionId: `session-${below(size.visits / 4)}`,
    };
  });
  return events.sort((a, b) => (String(a.occurredAt) < String(b.occurredAt) ? -1 : 1));
}
