/** An event as a caller sends it, before it is checked. */
export type SentEvent = Record<string, unknown>;

/** Text with everything that escaping and encoding could get wrong. */
export const AWKWARD = `Ünï "quoted" 'single' back\\slash {braces},\t\\N \\. 名前 👩‍👩‍👧 ; drop table`;

/** Every field of each type that clients may send, without the fields that every event has. */
const fieldsByType: Record<string, SentEvent> = {
  usage: {
    modelId: `model ${AWKWARD}`,
    clientId: 'search',
    latencyMs: 1_234.567,
    status: 'throttled',
    errorCode: '429',
    inputTokens: 1e12,
    outputTokens: 0,
    cachedInputTokens: 7,
    costEstimateCents: 0.0123,
    provider: 'openai',
    timeToFirstTokenMs: 310.25,
    serviceTier: 'batch',
    cacheWriteInputTokens: 5,
    cacheWriteHourInputTokens: 3,
    images: 2,
    reasoningTokens: 0,
    labels: { team: `search ${AWKWARD}`, 'cost-center': '42' },
  },
  api_request: {
    method: 'GET',
    route: '/orders/:id',
    statusCode: 503,
    durationMs: 0,
    clientId: 'app',
    labels: { team: 'search' },
  },
  ml_job: {
    pipeline: 'assets',
    operation: 'versioning',
    provider: 'replicate',
    status: 'cancelled',
    durationMs: 2_592_000_000,
    inputTokens: 1e12,
    outputTokens: 0,
    costCents: 1e8,
    labels: { team: 'search' },
    errorCode: 'E_STOP',
  },
  order: {
    orderId: 'o-1',
    status: 'refunded',
    currency: 'EUR',
    customerId: 'c-1',
    channel: 'web',
    ...{ sessionId: 'session-1', taxCents: 1_900.25, shippingCents: 0 },
    labels: { team: 'shop' },
    items: [
      {
        sku: 's-1',
        name: `Ring ${AWKWARD}`,
        collection: 'spring',
        category: 'rings',
        quantity: 2,
        priceCents: 12_900.5,
      },
      {
        sku: 's-2',
        name: 'Voucher',
        collection: 'none',
        category: 'discounts',
        quantity: 1,
        priceCents: -500.0001,
      },
      { sku: 's-3', name: 'Box', collection: 'none', category: 'packing', quantity: 0, priceCents: 1 },
    ],
  },
  storefront: {
    stage: 'add_to_cart',
    sku: 's-1',
    collection: 'spring',
    sessionId: 'session-1',
  },
  inventory: { sku: 's-1', quantity: -1e9 },
  error: {
    service: 'gateway',
    code: 'E_DOWN',
    severity: 'critical',
    message: `It broke: ${AWKWARD}`,
  },
};

/** One event of every type that clients may send, with every field. */
export function sampleEvents(occurredAt: string): Record<string, SentEvent> {
  const envelopeOf = (type: string) => ({
    eventId: `${type}-${AWKWARD}`,
    orgId: 'acme',
    type,
    occurredAt,
    correlationId: `story ${AWKWARD}`,
    actorId: `actor ${AWKWARD}`,
    metadata: { plain: 'text', [AWKWARD]: AWKWARD, empty: '', ['__proto__']: 'own', constructor: 'own' },
  });
  return Object.fromEntries(
    Object.entries(fieldsByType).map(([type, fields]) => [
      type,
      { ...envelopeOf(type), ...structuredClone(fields) },
    ]),
  );
}
