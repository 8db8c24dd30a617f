import type { SkippedRecord } from '../skipped-record.ts';
import { hasUsage, whyNoCall } from './is-call.ts';
import type { OtlpSpan } from './span.ts';

/** The calls among the spans of one request, and the other spans with the reason why each is no call. */
export interface FoundCalls {
  calls: OtlpSpan[];
  /** Known by `TRACE:SPAN`. */
  skipped: SkippedRecord[];
}

/** How many ancestors of a call are looked at. */
export const MOST_ANCESTORS = 128;
const REPEATS = 'a call below it is counted';
const REPEATED = 'the call above it is counted, and has the usage';

/**
 * Finds the calls to count. Of calls within each other the innermost with usage counts: a framework's span repeats the
 * call of the library below it. If only an outer one has usage, that one counts.
 * @param byId the same spans, by `idOf`
 */
export function findCalls(spans: readonly OtlpSpan[], byId: ReadonlyMap<string, OtlpSpan>): FoundCalls {
  const skipped: SkippedRecord[] = [];
  const skip = ({ traceId, spanId }: OtlpSpan, reason: string) =>
    void skipped.push({ id: `${traceId}:${spanId}`, reason });
  const candidates: OtlpSpan[] = [];
  for (const span of spans) {
    const why = whyNoCall(span);
    if (why === undefined) candidates.push(span);
    else skip(span, why);
  }
  const parentOf = ({ traceId, parentSpanId }: OtlpSpan) =>
    parentSpanId === '' ? undefined : byId.get(idOf(traceId, parentSpanId));

  const isCandidate = new Set(candidates);
  const repeated = new Set<OtlpSpan>();
  // Ancestors of calls with usage. Each is passed once, so deep traces take no longer than flat ones.
  const passed = new Set<OtlpSpan>();
  for (const call of candidates) {
    if (!hasUsage(call)) continue;
    for (let above = parentOf(call); above && !passed.has(above); above = parentOf(above)) {
      passed.add(above);
      if (isCandidate.has(above)) repeated.add(above);
    }
  }
  const covered = new Set<OtlpSpan>();
  for (const call of candidates) {
    if (hasUsage(call) || repeated.has(call)) continue;
    let above = parentOf(call);
    for (let steps = 0; above && steps < MOST_ANCESTORS; steps++) {
      if (isCandidate.has(above) && !passed.has(above)) {
        if (hasUsage(above)) covered.add(call);
        else repeated.add(above);
      }
      above = parentOf(above);
    }
  }
  const calls = candidates.filter((call) => {
    if (covered.has(call)) skip(call, REPEATED);
    else if (repeated.has(call)) skip(call, REPEATS);
    else return true;
    return false;
  });
  return { calls, skipped };
}

/** The spans of a request by `idOf`. Of a span that is there twice the last one is found. */
export function spansById(spans: readonly OtlpSpan[]): Map<string, OtlpSpan> {
  const byId = new Map<string, OtlpSpan>();
  for (const span of spans) byId.set(idOf(span.traceId, span.spanId), span);
  return byId;
}

/** Identifies a span among all traces of an org. */
export function idOf(traceId: string, spanId: string): string {
  return `${traceId}${spanId}`;
}
