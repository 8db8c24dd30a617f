/** Calls to show what the console does with some, of the last day. */
export const DEMO_CALLS = 1_000;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Models that nobody has, so that nobody takes them for their own: each with its share, speed and price. */
const models = [
  { modelId: 'demo-large', share: 0.25, latencyMs: 2_400, output: 420, dollars: 10 },
  { modelId: 'demo-small', share: 0.6, latencyMs: 700, output: 180, dollars: 0.6 },
  { modelId: 'demo-fast', share: 0.15, latencyMs: 260, output: 60, dollars: 0.3 },
] as const;

/** One model fails more often in this hour before now: something to find. */
const BAD_HOUR = 5;

export interface DemoCall {
  type: 'usage';
  orgId: string;
  eventId: string;
  occurredAt: string;
  modelId: string;
  status: 'success' | 'error';
  errorCode?: string;
  latencyMs: number;
  inputTokens: number;
  outputTokens: number;
  costEstimateCents: number;
}

/**
 * Made-up calls of the day before a moment. They are the same for the same org and hour, so that a second press of the
 * button within the hour adds nothing.
 */
export function demoCalls(org: string, now: number): DemoCall[] {
  const end = Math.floor(now / HOUR) * HOUR;
  const random = randomFrom(end / HOUR);
  return Array.from({ length: DEMO_CALLS }, (_, index) => {
    const at = end - DAY + ((index + random()) / DEMO_CALLS) * DAY;
    const { modelId, latencyMs, output, dollars } = modelOf(random());
    const isBad = modelId === 'demo-large' && Math.floor((end - at) / HOUR) === BAD_HOUR;
    const hasFailed = random() < (isBad ? 0.5 : 0.01);
    const inputTokens = Math.round(300 + 2_000 * random());
    const outputTokens = hasFailed ? 0 : Math.round(output * (0.5 + random()));
    return {
      ...{ type: 'usage', orgId: org, eventId: `demo-${end / HOUR}-${index}`, modelId },
      occurredAt: new Date(at).toISOString(),
      ...(hasFailed ? { status: 'error', errorCode: 'overloaded' } : { status: 'success' }),
      ...{ latencyMs: Math.round(latencyMs * (0.6 + random() ** 3 * 3)), inputTokens, outputTokens },
      costEstimateCents: Math.round(((inputTokens + 4 * outputTokens) * dollars) / 1_000) / 10,
    };
  });
}

function modelOf(share: number): (typeof models)[number] {
  let rest = share;
  for (const model of models) {
    rest -= model.share;
    if (rest < 0) return model;
  }
  return models[0];
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
