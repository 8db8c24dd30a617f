import type { DemoEvent } from './make-usage.ts';
import type { Random } from './random.ts';
import type { DemoOrg } from './world.ts';

interface Job {
  pipeline: string;
  provider: string;
  operation?: string;
  /** Median seconds. */
  seconds: number;
  /** Median cents; none if the provider reports no cost, so that the price table may apply. */
  cents?: number;
  /** Median tokens in and out. */
  tokens?: [input: number, output: number];
  failureRate: number;
  weight: number;
}

const JOBS: readonly Job[] = [
  { pipeline: '3d', provider: 'tripo', seconds: 75, cents: 22, failureRate: 0.04, weight: 4 },
  { pipeline: '3d', provider: 'replicate', seconds: 110, failureRate: 0.07, weight: 3 },
  {
    pipeline: 'descriptions',
    provider: 'gemini',
    seconds: 2.4,
    tokens: [900, 220],
    failureRate: 0.01,
    weight: 6,
  },
  {
    pipeline: 'descriptions',
    provider: 'huggingface',
    seconds: 4.1,
    failureRate: 0.03,
    weight: 3,
  },
  {
    pipeline: 'assets',
    operation: 'ingestion',
    provider: 'internal',
    seconds: 6,
    failureRate: 0.01,
    weight: 3,
  },
  {
    pipeline: 'assets',
    operation: 'versioning',
    provider: 'internal',
    seconds: 1.2,
    failureRate: 0.005,
    weight: 2,
  },
  {
    pipeline: 'assets',
    operation: 'approval',
    provider: 'internal',
    seconds: 900,
    failureRate: 0.002,
    weight: 1,
  },
];

const FAILURES = [
  { status: 'error', errorCode: 'model_failed', weight: 6 },
  { status: 'timeout', errorCode: 'deadline_exceeded', weight: 2 },
  { status: 'throttled', errorCode: 'quota', weight: 2 },
];

/** One finished job of an ML pipeline. */
export function makeMlJob(random: Random, org: DemoOrg, millis: number): DemoEvent {
  const { pipeline, provider, operation, seconds, cents, tokens, failureRate } = random.pick(JOBS);
  const failure = random.chance(failureRate) ? random.pick(FAILURES) : undefined;
  const status = failure?.status ?? (random.chance(0.004) ? 'cancelled' : 'success');
  const durationMs = Math.round(random.lognormal(seconds * 1_000, 0.5));
  return {
    eventId: random.uuid(),
    orgId: org.orgId,
    type: 'ml_job',
    occurredAt: new Date(millis).toISOString(),
    pipeline,
    provider,
    ...(operation !== undefined && { operation }),
    status,
    ...(failure && { errorCode: failure.errorCode }),
    durationMs,
    ...(tokens && {
      inputTokens: Math.round(random.lognormal(tokens[0], 0.4)),
      outputTokens: failure ? 0 : Math.round(random.lognormal(tokens[1], 0.3)),
    }),
    ...(cents !== undefined && { costCents: Math.round(random.lognormal(cents, 0.2) * 10_000) / 10_000 }),
  };
}
