import { HOUR } from '../../../src/time.ts';

/** A `usage` event as a caller sends it. */
export interface UsageEvent {
  eventId: string;
  orgId: string;
  type?: 'usage';
  occurredAt: string;
  correlationId?: string;
  actorId?: string;
  metadata?: Record<string, string>;
  modelId: string;
  clientId?: string;
  latencyMs: number;
  status: 'success' | 'error' | 'timeout' | 'throttled';
  errorCode?: string;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens?: number;
  costEstimateCents: number;
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A UUID (version 4) of the given randomness. */
function uuidFrom(random: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(random() * 16).toString(16));
}

/**
 * Returns a function that makes realistic usage events of one org. Two with the same seed make the same
 * events, ids included. `now` (milliseconds) ends the hour in which they occurred.
 */
export function usageMaker(seed: number, now = Date.now()): (overrides?: Partial<UsageEvent>) => UsageEvent {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  return (overrides = {}) => {
    const failed = random() < 0.05;
    const inputTokens = between(20, 4_000);
    const outputTokens = failed ? 0 : between(1, 1_200);
    return {
      eventId: uuidFrom(random),
      orgId: 'acme',
      occurredAt: new Date(now - between(1, HOUR)).toISOString(),
      modelId: random() < 0.7 ? 'gpt-4o' : 'claude-sonnet',
      clientId: random() < 0.5 ? 'chat' : 'search',
      latencyMs: between(80, 6_000),
      status: failed ? 'error' : 'success',
      ...(failed ? { errorCode: 'upstream_500' } : {}),
      inputTokens,
      outputTokens,
      costEstimateCents: (inputTokens * 3 + outputTokens * 15) / 10_000,
      ...overrides,
    };
  };
}

/** The next usage event of the test file, changed as the test needs. */
export const makeUsage = usageMaker(1);

/** What a sender adds who knows a call well. */
export function detailsOf(n: number) {
  return {
    provider: n % 2 ? 'openai' : 'azure',
    ...{ inputTokens: 4_000, cachedInputTokens: 100, cacheWriteInputTokens: 9, outputTokens: 5 },
    ...{ reasoningTokens: 1, timeToFirstTokenMs: 100 + (n % 7), costEstimateCents: n / 1e7 },
  };
}

/** Removes what the sender of a broken stream does not know. */
export function forgetUsage(event: UsageEvent): void {
  for (const name of ['inputTokens', 'outputTokens', 'cachedInputTokens', 'costEstimateCents', 'latencyMs'])
    Reflect.deleteProperty(event, name);
}
