import { randomUUID } from 'node:crypto';
import { normal, seeded } from './random.ts';

export const ORGS = 250;
export const MODELS = 40;

/** An index from 0 to n − 1. Small ones are far more frequent, like tenants and models in reality. */
function skewed(random: () => number, n: number): number {
  return Math.floor(n * random() ** 3);
}

export function orgName(index: number): string {
  return `org-${String(index).padStart(3, '0')}`;
}

/**
 * A source of usage events at the target scale: 250 orgs and 40 models, both skewed, with lognormal latencies, 2 %
 * failures and distinct ids. `at` returns the time of the next event, in milliseconds.
 */
export function usageEvents(seed: number, at: (random: () => number) => number) {
  const random = seeded(seed);
  return () => {
    const model = skewed(random, MODELS);
    const failed = random() < 0.02;
    return {
      eventId: randomUUID(),
      orgId: orgName(skewed(random, ORGS)),
      modelId: `model-${model}`,
      occurredAt: new Date(at(random)).toISOString(),
      latencyMs: Math.round(Math.exp(5.5 + 0.05 * model + 0.6 * normal(random)) * 1_000) / 1_000,
      status: failed ? 'error' : 'success',
      ...(failed && { errorCode: random() < 0.5 ? 'rate_limit' : 'upstream' }),
      inputTokens: Math.floor(2_000 * random()),
      outputTokens: Math.floor(800 * random()),
      costEstimateCents: Math.floor(10_000 * random()) / 10_000,
    };
  };
}
