import { outageAt, priceFactor } from './incidents.ts';
import type { Random } from './random.ts';
import type { DemoModel, DemoOrg } from './world.ts';

/** An event as a caller sends it. */
export type DemoEvent = Record<string, unknown> & { eventId: string; orgId: string; occurredAt: string };

const FAILURES = [
  { status: 'error', errorCode: 'upstream_500', weight: 5 },
  { status: 'throttled', errorCode: 'rate_limited', weight: 3 },
  { status: 'timeout', errorCode: 'deadline_exceeded', weight: 2 },
];
const OUTAGE_FAILURES = [
  { status: 'error', errorCode: 'upstream_503', weight: 6 },
  { status: 'timeout', errorCode: 'deadline_exceeded', weight: 4 },
];
const OUTAGE_FAILURE_RATE = 0.7;
const DEADLINE_MS = 60_000;

function round(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

/** One request to a model at a moment (milliseconds since the epoch). */
export function makeUsage(random: Random, org: DemoOrg, millis: number): DemoEvent {
  const model = random.pick(org.models);
  const isDown = outageAt(millis)?.modelId === model.modelId;
  const failure = random.chance(isDown ? OUTAGE_FAILURE_RATE : model.failureRate)
    ? random.pick(isDown ? OUTAGE_FAILURES : FAILURES)
    : undefined;
  const inputTokens = Math.round(random.lognormal(model.inputTokens, 0.8));
  const outputTokens = failure ? 0 : Math.round(random.lognormal(model.outputTokens, 0.7));
  const cachedInputTokens = random.chance(0.3)
    ? Math.round(inputTokens * random.between(0.3, 0.9))
    : undefined;
  return {
    eventId: random.uuid(),
    orgId: org.orgId,
    occurredAt: new Date(millis).toISOString(),
    modelId: model.modelId,
    clientId: random.pick(org.clients).clientId,
    latencyMs: latencyOf(random, model, { outputTokens, status: failure?.status, isDown }),
    status: failure?.status ?? 'success',
    ...(failure && { errorCode: failure.errorCode }),
    inputTokens,
    outputTokens,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    costEstimateCents: failure
      ? 0
      : costOf(model, { input: inputTokens, cached: cachedInputTokens ?? 0, output: outputTokens }, millis),
  };
}

function latencyOf(
  random: Random,
  { firstTokenMs, perTokenMs }: DemoModel,
  { outputTokens, status, isDown }: { outputTokens: number; status: string | undefined; isDown: boolean },
): number {
  if (status === 'timeout') return DEADLINE_MS;
  if (status === 'throttled') return round(random.lognormal(40, 0.4), 1);
  const slowness = isDown ? 3 : 1;
  return round(
    slowness * (random.lognormal(firstTokenMs, 0.45) + outputTokens * random.lognormal(perTokenMs, 0.25)),
    1,
  );
}

/** Cents, to four decimals; cached tokens cost half. */
function costOf(
  model: DemoModel,
  { input, cached, output }: { input: number; cached: number; output: number },
  millis: number,
): number {
  const perMillion = (input - cached / 2) * model.inputPrice + output * model.outputPrice;
  return round((perMillion / 1_000_000) * priceFactor(model.modelId, millis), 4);
}
