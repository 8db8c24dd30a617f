import { MINUTE, SECOND } from '../../../src/time.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const products = [
  { sku: 'BR-1', name: 'Gown', collection: 'Black Rose', category: 'dresses', priceCents: 28_900 },
  { sku: 'LH-1', name: 'Hoodie', collection: 'Love Hurts', category: 'tops', priceCents: 11_900.5 },
  { sku: 'SG-1', name: 'Coat', collection: 'Signature', category: 'outerwear', priceCents: 49_900 },
  { sku: 'SG-2', name: 'Shirt', collection: 'Signature', category: 'tops', priceCents: 12_900 },
  { sku: 'EM-1', name: 'Ring', collection: '🌹💍 edition', category: 'rings', priceCents: 0.0001 },
  // A voucher: a discount, which lowers the other lines.
  { sku: 'VOUCHER', name: 'Voucher', collection: 'discounts', category: 'discounts', priceCents: -1_000 },
];

/**
 * Events of untidy shops: visits with events in any order, some without a session; orders in several currencies, of
 * known and unknown customers, in all or no channels; refunds and cancellations.
 * @param span milliseconds before `end` in which they occurred
 */
export function shopEvents(seed: number, visits: number, end: number, span: number): SentEvent[] {
  const random = randomFrom(seed);
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const chance = (share: number): boolean => random() < share;
  const events: SentEvent[] = [];
  const add = (type: string, orgId: string, at: number, details: SentEvent) => {
    const eventId = `${type}-${seed}-${events.length}`;
    const event = { eventId, orgId, type, occurredAt: new Date(Math.min(at, end)).toISOString(), ...details };
    events.push(event);
    return event;
  };
  for (let visit = 0; visit < visits; visit++) {
    const orgId = oneOf(['atelier', 'atelier', 'boutique']);
    // Sessions of two orgs share their names.
    const session = chance(0.85) ? { sessionId: `session-${seed}-${Math.floor(visit / 2)}-${orgId}` } : {};
    const named =
      session.sessionId === undefined ? {} : { sessionId: session.sessionId.replace(/-\w+$/, '') };
    let at = end - random() * span;
    const step = () => {
      // Now and then a clock is off, and the later step is the earlier one.
      at += chance(0.1) ? -2 * MINUTE * random() : 90 * SECOND * random();
      return at;
    };
    const { sku, collection } = oneOf(products);
    if (chance(0.9)) add('storefront', orgId, step(), { stage: 'visit', ...named });
    if (chance(0.7))
      add('storefront', orgId, step(), {
        stage: 'product_view',
        sku,
        ...(chance(0.8) && { collection }),
        ...named,
      });
    if (chance(0.4)) add('storefront', orgId, step(), { stage: 'add_to_cart', sku, collection, ...named });
    if (chance(0.3)) add('storefront', orgId, step(), { stage: 'checkout', ...named });
    if (!chance(0.3)) continue;
    const chosen = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      ...oneOf(products),
      quantity: Math.floor(random() * 4),
    }));
    // Without lines that it could lower, a voucher is refused.
    const total = chosen.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
    const paid = chosen.filter(({ priceCents }) => priceCents > 0);
    const items = total >= 0 && paid.length > 0 ? chosen : [{ ...products[0], quantity: 1 }];
    const order = {
      orderId: `o-${seed}-${visit}`,
      status: 'completed',
      currency: oneOf(['EUR', 'EUR', 'EUR', 'USD', 'JPY']),
      items,
      ...(chance(0.8) && { customerId: `c-${Math.floor(random() * visits * 0.1)}` }),
      ...(chance(0.8) && { channel: oneOf(['web', 'store', '🛒']) }),
      ...named,
    };
    add('order', orgId, step(), order);
    if (chance(0.15)) add('order', orgId, at + random() * span * 0.2, { ...order, status: 'refunded' });
    else if (chance(0.1)) add('order', orgId, at + 10 * MINUTE * random(), { ...order, status: 'cancelled' });
  }
  return events;
}
