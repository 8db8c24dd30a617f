/**
 * Measures what the price table costs ingestion: a book of 2,000 models of 40 providers, a fifth of them in tiers, and
 * calls of 50 of them. In this process alone, without a service.
 *
 * Results, in microseconds of the processor: `find` looks the price of a call up; `price` also computes the cost and puts
 * it into the row, which is what an event costs more if its sender gives no cost; `encode` makes the bytes that are
 * stored. Of a priced event they are made twice, because its hash is of what was sent. The rows differ by what names the
 * model: as in the table, with the region and date of Bedrock, unknown, and with a cost of the sender's own.
 */
import { type ReadEvent, readEvent } from '../src/events/read-event.ts';
import { EncodedEvents } from '../src/ingestion/encoded-events.ts';
import { priceRow } from '../src/ingestion/price-row.ts';
import type { Prices } from '../src/prices/current-prices.ts';
import { ModelBook } from '../src/prices/models/model-book.ts';
import type { ModelPrice, TokenRates } from '../src/prices/models/model-price.ts';
import { PriceBook } from '../src/prices/price-book.ts';
import { seeded } from './support/random.ts';

const MODELS = 2_000;
const PROVIDERS = 40;
const CALLED = 50;
const CALLS = 200_000;
const PER_SUBMISSION = 1_000;
const ROUNDS = 5;

const random = seeded(1);

function ratesOf(dollars: number): TokenRates {
  return {
    usdPerMillionInputTokens: dollars,
    usdPerMillionOutputTokens: 4 * dollars,
    usdPerMillionCacheReadTokens: dollars / 10,
    usdPerMillionCacheWriteTokens: null,
    usdPerMillionCacheWriteHourTokens: null,
    usdPerMillionReasoningTokens: null,
  };
}

function providerOf(model: number): string {
  return `provider-${model % PROVIDERS}`;
}

const NO_UNITS = { usdPerCall: null, usdPerSecond: null, usdPerImage: null };

function nameOf(model: number): string {
  return `anthropic-model-${model}`;
}

const book = new ModelBook(
  Array.from({ length: MODELS }, (_, model): ModelPrice => {
    const tiers = model % 5 === 0 ? [{ aboveInputTokens: 200_000, ...ratesOf(2) }] : [];
    const scope = { provider: providerOf(model), model: nameOf(model), serviceTier: null };
    return { ...scope, ...ratesOf(1), ...NO_UNITS, tiers, effectiveFrom: 0, effectiveTo: null };
  }),
);
const prices: Prices = { calls: book, jobs: new PriceBook([]) };

type Sent = (model: number) => object;
const kinds: Record<string, Sent> = {
  'name of the table': (model) => ({ provider: providerOf(model), modelId: nameOf(model) }),
  'with region and date': (model) => ({
    provider: providerOf(model),
    modelId: `us.anthropic.${nameOf(model)}-20250929-v1:0`,
  }),
  'no such model': (model) => ({ provider: providerOf(model), modelId: `other-${model}` }),
  'cost of the sender': (model) => ({ provider: providerOf(model), modelId: nameOf(model), costUsd: 0.01 }),
};

function eventsOf(sent: Sent): ReadEvent[] {
  return Array.from({ length: CALLS }, (_, index) => {
    const event = {
      ...{ eventId: `call-${index}`, orgId: 'bench', occurredAt: '2026-11-01T12:00:00Z', status: 'success' },
      ...{
        inputTokens: Math.floor(random() * 300_000),
        cachedInputTokens: 0,
        outputTokens: 100,
        latencyMs: 640,
      },
      ...sent(Math.floor(random() * CALLED) * 7),
    };
    const read = readEvent(event, { now: Date.parse('2026-11-01T12:00:01Z') });
    if (Array.isArray(read)) throw new Error(JSON.stringify(read));
    return read;
  });
}

/** Microseconds of the processor for each call, the median of the rounds. */
function measure(work: () => void): number {
  const taken = Array.from({ length: ROUNDS }, () => {
    const began = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / CALLS;
  });
  return taken.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
}

function encode(events: readonly ReadEvent[], settled: { prices?: Prices }): void {
  for (let start = 0; start < CALLS; start += PER_SUBMISSION) {
    const encoded = new EncodedEvents();
    for (let index = start; index < start + PER_SUBMISSION; index++) {
      const event = events[index];
      if (event) encoded.add(event, 'bench', index, settled);
    }
  }
}

const table: Record<string, object> = {};
for (const [kind, sent] of Object.entries(kinds)) {
  const events = eventsOf(sent);
  const rows = events.flatMap((event) => event.rows);
  const asked = rows.map((row) => ({
    ...{ provider: String(row.provider), model: String(row.model_id), serviceTier: null },
    at: Number(row.occurred_at) / 1_000,
  }));
  let priced = 0;
  const find = measure(() => {
    for (const call of asked) book.inForce(call);
  });
  const price = measure(() => {
    for (const row of rows) if (priceRow(row, prices).cost_source === 'table') priced++;
  });
  const alone = measure(() => encode(events, {}));
  const withPrices = measure(() => encode(events, { prices }));
  table[kind] = {
    priced: `${Math.round((100 * priced) / ROUNDS / CALLS)} %`,
    ...Object.fromEntries(
      Object.entries({ find, price, 'encode without prices': alone, 'encode with prices': withPrices }).map(
        ([name, micros]) => [name, micros.toFixed(2)],
      ),
    ),
  };
}
console.log(
  `Microseconds of the processor a call; ${MODELS} models, ${CALLS} calls, the median of ${ROUNDS} rounds.`,
);
console.table(table);
