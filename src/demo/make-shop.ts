import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import type { DemoEvent } from './make-usage.ts';
import { Random } from './random.ts';
import { loadAt } from './rhythm.ts';
import { type DemoOrg, type DemoProduct, demoProducts } from './world.ts';

/** Share of visitors at a stage who go on to the next. */
const VIEWS = 0.72;
const ADDS = 0.28;
const CHECKS_OUT = 0.55;
const BUYS = 0.8;
const IS_CANCELLED = 0.03;
const IS_REFUNDED = 0.05;
const REFUND_AFTER = 3 * DAY;
const CANCEL_AFTER = 2 * HOUR;
/** One customer in this many pays in dollars. */
const PAYS_IN_DOLLARS = 6;
/** Maximum duration of a visit. */
const LONGEST_VISIT = 10 * MINUTE;
const STOCK_EVERY_HOURS = 3;
const RESTOCK_EVERY = 9 * DAY;

interface Order {
  event: DemoEvent;
  isCancelled: boolean;
}

/** The events of an org's shop in an hour: visits, orders, cancellations, refunds and stock levels. */
export function makeShop(org: DemoOrg, hour: number): DemoEvent[] {
  if (org.hourly.shopVisits === 0) return [];
  const { steps, orders } = visitsOf(org, hour);
  const placed = orders.map(({ event }) => event);
  return [...steps, ...placed, ...cancelled(org, hour), ...refunded(org, hour), ...stockLevels(org, hour)];
}

/** Uses its own random source, so that later hours can repeat the orders to cancel or refund them. */
function visitsOf(org: DemoOrg, hour: number): { steps: DemoEvent[]; orders: Order[] } {
  const random = new Random(`shop ${org.orgId} ${hour}`);
  const visits = random.poisson(org.hourly.shopVisits * loadAt(org, hour));
  const steps: DemoEvent[] = [];
  const orders: Order[] = [];
  for (let visit = 0; visit < visits; visit++) {
    let moment = hour + random.next() * (HOUR - LONGEST_VISIT);
    const sessionId = random.uuid();
    const product = random.pick(demoProducts);
    const { sku, collection } = product;
    const step = (stage: string, about: object) => {
      steps.push({
        eventId: random.uuid(),
        orgId: org.orgId,
        type: 'storefront',
        occurredAt: new Date(moment).toISOString(),
        stage,
        sessionId,
        ...about,
      });
      moment += random.between(5 * SECOND, LONGEST_VISIT / 5);
    };
    step('visit', random.chance(0.5) ? { collection } : {});
    if (!random.chance(VIEWS)) continue;
    step('product_view', { sku, collection });
    if (!random.chance(ADDS)) continue;
    step('add_to_cart', { sku, collection });
    if (!random.chance(CHECKS_OUT)) continue;
    step('checkout', {});
    if (random.chance(BUYS)) orders.push(makeOrder(random, org, { product, sessionId, millis: moment }));
  }
  return { steps, orders };
}

function makeOrder(
  random: Random,
  org: DemoOrg,
  { product, sessionId, millis }: { product: DemoProduct; sessionId: string; millis: number },
): Order {
  const others = Array.from({ length: random.chance(0.35) ? random.whole(1, 2) : 0 }, () =>
    random.pick(demoProducts),
  );
  const products = [...new Set([product, ...others])];
  const eventId = random.uuid();
  const orderId = `A-${random.whole(1_000_000, 9_999_999)}-${eventId.slice(0, 4)}`;
  const isCancelled = random.chance(IS_CANCELLED);
  const customer = random.whole(1, 2_500);
  const event = {
    eventId,
    orgId: org.orgId,
    type: 'order',
    occurredAt: new Date(millis).toISOString(),
    orderId,
    status: 'completed',
    currency: customer % PAYS_IN_DOLLARS === 0 ? 'USD' : 'EUR',
    customerId: `customer-${customer}`,
    channel: random.chance(0.8) ? 'web' : 'store',
    sessionId,
    items: products.map(({ sku, name, collection, category, priceCents }) => ({
      sku,
      name,
      collection,
      category,
      quantity: random.chance(0.9) ? 1 : 2,
      priceCents,
    })),
  };
  return { event, isCancelled };
}

function cancelled(org: DemoOrg, hour: number): DemoEvent[] {
  const random = new Random(`cancellations ${org.orgId} ${hour}`);
  return visitsOf(org, hour - CANCEL_AFTER)
    .orders.filter(({ isCancelled }) => isCancelled)
    .map(({ event }) => reversalOf(random, event, hour, 'cancelled'));
}

function refunded(org: DemoOrg, hour: number): DemoEvent[] {
  const random = new Random(`refunds ${org.orgId} ${hour}`);
  return visitsOf(org, hour - REFUND_AFTER)
    .orders.filter(({ isCancelled }) => !isCancelled && random.chance(IS_REFUNDED))
    .map(({ event }) => reversalOf(random, event, hour, 'refunded'));
}

function reversalOf(random: Random, order: DemoEvent, hour: number, status: string): DemoEvent {
  return {
    ...order,
    eventId: random.uuid(),
    occurredAt: new Date(hour + random.next() * HOUR).toISOString(),
    status,
  };
}

/** Stock decreases slowly and is then filled up again. Each product has its own days. */
function stockLevels(org: DemoOrg, hour: number): DemoEvent[] {
  const hours = hour / HOUR;
  return demoProducts.flatMap(({ sku, stock }, index) => {
    if (hours % STOCK_EVERY_HOURS !== index % STOCK_EVERY_HOURS) return [];
    const random = new Random(`stock ${org.orgId} ${sku} ${hour}`);
    const age = (hour + index * DAY) % RESTOCK_EVERY;
    // Out of stock in the last hours before a restock.
    const quantity = Math.max(0, Math.round(stock * (1 - 1.04 * (age / RESTOCK_EVERY))));
    const occurredAt = new Date(hour + random.between(0, MINUTE)).toISOString();
    return [{ eventId: random.uuid(), orgId: org.orgId, type: 'inventory', occurredAt, sku, quantity }];
  });
}
