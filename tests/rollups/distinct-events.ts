import type { ReliabilityAnswer } from '../../src/queries/models/reliability.ts';
import type { UsageAnswer } from '../../src/queries/models/usage.ts';
import type { UsageEvent } from '../support/events/fixtures.ts';

/** The right answers to queries about some events, computed from the events themselves. */
export interface Expected {
  invocations: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  costEstimateCents: number;
}

function sum(events: readonly UsageEvent[], of: (event: UsageEvent) => number): number {
  return events.reduce((total, event) => total + of(event), 0);
}

function usageOf(events: readonly UsageEvent[]): Expected {
  return {
    invocations: events.length,
    inputTokens: sum(events, (event) => event.inputTokens),
    outputTokens: sum(events, (event) => event.outputTokens),
    cachedInputTokens: sum(events, (event) => event.cachedInputTokens ?? 0),
    costEstimateCents: sum(events, (event) => Math.round(event.costEstimateCents * 10_000)) / 10_000,
  };
}

function within(events: readonly UsageEvent[], start: string, end: string): UsageEvent[] {
  return events.filter(({ occurredAt }) => {
    const at = Date.parse(occurredAt);
    return at >= Date.parse(start) && at < Date.parse(end);
  });
}

/** The parts of an answer, its totals and each bucket, with the events that belong in them. */
function partsOf<Point extends { bucketStart: string }, Totals>(
  events: readonly UsageEvent[],
  { start, end, series, totals }: { start: string; end: string; series: readonly Point[]; totals: Totals },
): { shown: Point | Totals; events: UsageEvent[] }[] {
  const covered = within(events, start, end);
  const buckets = series.map((shown, index) => ({
    shown,
    events: within(covered, shown.bucketStart, series[index + 1]?.bucketStart ?? end),
  }));
  return [{ shown: totals, events: covered }, ...buckets];
}

/** Where an ungrouped answer differs from the sums of the events; empty when it is right. */
export function wrongUsage(answer: UsageAnswer, events: readonly UsageEvent[]): object[] {
  return partsOf(events, answer).flatMap(({ shown, events: some }) => {
    const expected = usageOf(some);
    const differs = Object.entries(expected).some(([name, value]) => shown[name as keyof Expected] !== value);
    return differs ? [{ shown, expected }] : [];
  });
}

/** The smallest value that is not exceeded by this share of all values, as `percentile_disc` defines it. */
function percentile(values: readonly number[], share: number): number | null {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)] ?? null;
}

/** The same for error rates, which are exact, and percentiles, which are within 1 %. */
export function wrongReliability(answer: ReliabilityAnswer, events: readonly UsageEvent[]): object[] {
  return partsOf(events, answer).flatMap(({ shown, events: some }) => {
    const failed = some.filter(({ status }) => status !== 'success').length;
    const errorRate = some.length === 0 ? 0 : failed / some.length;
    const latencies = some.map(({ latencyMs }) => latencyMs);
    const off = Object.entries(shown.latencyMs).filter(([name, found]) => {
      const exact = percentile(latencies, Number(name.slice(1)) / 100);
      if (exact === null || found === null) return exact !== found;
      return Math.abs(found - exact) > exact * 0.01;
    });
    const right = shown.invocations === some.length && shown.errorRate === errorRate && off.length === 0;
    return right ? [] : [{ shown, expected: { invocations: some.length, errorRate }, off }];
  });
}

/** The models of some events, and when each was last seen. */
export function lastOfModels(events: readonly UsageEvent[]): { modelId: string; lastEventAt: string }[] {
  return [...new Set(events.map(({ modelId }) => modelId))].sort().map((modelId) => {
    const times = events
      .filter((event) => event.modelId === modelId)
      .map((event) => Date.parse(event.occurredAt));
    return { modelId, lastEventAt: new Date(Math.max(...times)).toISOString() };
  });
}
