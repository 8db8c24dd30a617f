/** The events of Tidemark, from docs/openapi.json. Generated: `npm run client-events` writes it. */

export type StoredEvent =
  UsageEvent | ApiRequestEvent | MlJobEvent | OrderEvent | StorefrontEvent | InventoryEvent | ErrorEvent;

/**
 * One request to a model, with its latency, status, tokens and cost.
 */
export interface UsageEvent {
  type?: 'usage';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * The model that answered
   */
  modelId: string;
  /**
   * Who runs the model, such as openai, anthropic or bedrock; kept in lower case
   */
  provider?: string;
  /**
   * The application that sent the request
   */
  clientId?: string;
  /**
   * Time from the request to the last byte; without it, the call is in no average and no percentile
   */
  latencyMs?: number;
  /**
   * Time from the request to the first token of a stream
   */
  timeToFirstTokenMs?: number;
  /**
   * How the request ended
   */
  status: 'success' | 'error' | 'timeout' | 'throttled';
  /**
   * The error code of the provider; longer ones are cut at 100 characters
   */
  errorCode?: string;
  /**
   * The tier that the provider charges by, such as batch, flex or priority; kept in lower case
   */
  serviceTier?: string;
  /**
   * Tokens of the prompt, with those read from a cache and written to it; leave it out if unknown
   */
  inputTokens?: number;
  /**
   * Tokens of the answer, with those of its reasoning; leave it out if unknown
   */
  outputTokens?: number;
  /**
   * Prompt tokens that came from a cache; inputTokens includes them
   */
  cachedInputTokens?: number;
  /**
   * Prompt tokens that were written to a cache; inputTokens includes them
   */
  cacheWriteInputTokens?: number;
  /**
   * Of the tokens written to a cache, those that it keeps for an hour, at a price of their own; cacheWriteInputTokens includes them
   */
  cacheWriteHourInputTokens?: number;
  /**
   * Tokens of the reasoning; outputTokens includes them
   */
  reasoningTokens?: number;
  /**
   * Images that the provider charges for, if it charges by the image
   */
  images?: number;
  /**
   * Cost of the request in cents, if the sender knows it; without a cost, the price table gives it. A failed call without tokens costs nothing
   */
  costEstimateCents?: number;
  /**
   * The same cost in dollars
   */
  costUsd?: number;
  /**
   * Your own words for the event, such as `{"team": "search"}`. Those that your org has declared can be grouped and filtered by
   */
  labels?: {
    [k: string]: string | null;
  };
}
/**
 * One HTTP request to the platform. A 5xx answer is an error of the platform, a 4xx answer one of the client.
 */
export interface ApiRequestEvent {
  type: 'api_request';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * HTTP method
   */
  method: string;
  /**
   * The route pattern, such as /orders/:id. Do not send the path: each id in it would make a series of its own
   */
  route: string;
  /**
   * HTTP status of the answer
   */
  statusCode: number;
  /**
   * Time from the request to the last byte
   */
  durationMs: number;
  /**
   * The application that sent the request
   */
  clientId?: string;
  /**
   * Your own words for the event, such as `{"team": "search"}`. Those that your org has declared can be grouped and filtered by
   */
  labels?: {
    [k: string]: string | null;
  };
}
/**
 * One job of an ML pipeline at a provider.
 */
export interface MlJobEvent {
  type: 'ml_job';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * The pipeline: 3d, descriptions, assets, or one of your own
   */
  pipeline: string;
  /**
   * The step in the pipeline; for assets: ingestion, versioning, approval
   */
  operation?: string;
  /**
   * The provider that ran the job: replicate, tripo, huggingface, gemini, or another
   */
  provider: string;
  /**
   * How the job ended; a cancelled job is neither an error nor a success
   */
  status: 'success' | 'error' | 'timeout' | 'throttled' | 'cancelled';
  /**
   * Time from the start to the end of the job
   */
  durationMs: number;
  /**
   * Input tokens, for prices by the token
   */
  inputTokens?: number;
  /**
   * Output tokens, for prices by the token
   */
  outputTokens?: number;
  /**
   * Cost of the job in cents, if the provider tells it; without a cost, the price table gives it
   */
  costCents?: number;
  /**
   * The same cost in dollars
   */
  costUsd?: number;
  /**
   * The error code of the provider; longer ones are cut at 100 characters
   */
  errorCode?: string;
  /**
   * Your own words for the event, such as `{"team": "search"}`. Those that your org has declared can be grouped and filtered by
   */
  labels?: {
    [k: string]: string | null;
  };
}
/**
 * An order reached a status. It counts as one order; each line counts for its product and collection. Send an order as completed once: a second completed event of the same orderId is a conflict and does not count. A refund or cancellation carries positive amounts, those that it gives back: as items, or as amountCents when it is known of no product. Together they lower an order to 0 at most; more is shown as overRefundedCents.
 */
export interface OrderEvent {
  type: 'order';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * Id of the order in the shop
   */
  orderId: string;
  /**
   * The status that the order reached
   */
  status: 'completed' | 'cancelled' | 'refunded';
  /**
   * ISO 4217 code. Amounts are in the minor unit of the currency: cents of EUR, whole yen of JPY (47040 is ¥47,040), thousandths of KWD (47040 is 47.040 dinars). Amounts in different currencies are never added up
   */
  currency: string;
  /**
   * Id of the customer
   */
  customerId?: string;
  /**
   * Sales channel: web, store, …
   */
  channel?: string;
  /**
   * The session that the order ends, as in storefront events
   */
  sessionId?: string;
  /**
   * The whole amount, in place of items: a refund of a part that belongs to no product
   */
  amountCents?: number;
  /**
   * Tax; kept with the order and not part of its revenue
   */
  taxCents?: number;
  /**
   * Shipping; kept with the order and not part of its revenue
   */
  shippingCents?: number;
  /**
   * Your own words for the event, such as `{"team": "search"}`. Those that your org has declared can be grouped and filtered by
   */
  labels?: {
    [k: string]: string | null;
  };
  /**
   * @minItems 1
   * @maxItems 500
   */
  items?: [
    {
      /**
       * Id of the product
       */
      sku: string;
      /**
       * Name of the product
       */
      name: string;
      /**
       * Collection of the product; for one in several, the collection that the sale counts for
       */
      collection?: string;
      /**
       * Category of the product
       */
      category?: string;
      /**
       * Number of items, or a weight or length such as 0.5 (kg). Units are whole: 0.5 counts as 1 unit, 2.2 as 3
       */
      quantity: number;
      /**
       * Price of one item in the minor unit of the currency. A line with a negative price is a discount: it lowers the other lines and is no product
       */
      priceCents: number;
      /**
       * Of a discount: the SKU whose lines it lowers. Without it, it lowers all lines in proportion
       */
      appliesTo?: string;
    },
    ...{
      /**
       * Id of the product
       */
      sku: string;
      /**
       * Name of the product
       */
      name: string;
      /**
       * Collection of the product; for one in several, the collection that the sale counts for
       */
      collection?: string;
      /**
       * Category of the product
       */
      category?: string;
      /**
       * Number of items, or a weight or length such as 0.5 (kg). Units are whole: 0.5 counts as 1 unit, 2.2 as 3
       */
      quantity: number;
      /**
       * Price of one item in the minor unit of the currency. A line with a negative price is a discount: it lowers the other lines and is no product
       */
      priceCents: number;
      /**
       * Of a discount: the SKU whose lines it lowers. Without it, it lowers all lines in proportion
       */
      appliesTo?: string;
    }[]
  ];
}
/**
 * A visitor reached a stage on the way to an order.
 */
export interface StorefrontEvent {
  type: 'storefront';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * The stage that the visitor reached
   */
  stage: 'visit' | 'product_view' | 'add_to_cart' | 'checkout';
  /**
   * The product that was viewed
   */
  sku?: string;
  /**
   * The collection that was viewed
   */
  collection?: string;
  /**
   * The session that the event belongs to
   */
  sessionId?: string;
}
/**
 * The number of a product in stock. It is a gauge: the last value counts.
 */
export interface InventoryEvent {
  type: 'inventory';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * Id of the product
   */
  sku: string;
  /**
   * Number in stock
   */
  quantity: number;
}
/**
 * An error in a service.
 */
export interface ErrorEvent {
  type: 'error';
  /**
   * Unique within the org for as long as the service remembers ids. An event that is sent again counts once.
   */
  eventId: string;
  /**
   * The org of the event.
   */
  orgId: string;
  /**
   * When it happened, with a time zone, or in seconds or milliseconds since the epoch. At most 400 days ago and 10 minutes ahead.
   */
  occurredAt: string | number;
  /**
   * Groups the events and calls of one operation. Default: the correlation id of the request.
   */
  correlationId?: string;
  /**
   * The person or program that caused it.
   */
  actorId?: string;
  /**
   * Fields of your own. Values that are no text are kept as their text.
   */
  metadata?: {
    [k: string]: string | number | boolean | null;
  };
  /**
   * The service with the error
   */
  service: string;
  /**
   * Kind of error; longer ones are cut at 100 characters
   */
  code: string;
  /**
   * Severity of the error
   */
  severity: 'debug' | 'info' | 'warning' | 'error' | 'critical';
  /**
   * What happened, for people to read; longer ones are cut at 2,000 characters
   */
  message: string;
}
