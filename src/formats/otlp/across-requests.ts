import { hasUsage } from './is-call.ts';
import type { FoundCalls } from './leaf-calls.ts';
import { idOf, MOST_ANCESTORS } from './leaf-calls.ts';
import type { OtlpSpan } from './span.ts';

/** What earlier requests have said of spans, by `idOf`: whether the calls that they are around had usage. */
export interface KnownSpans {
  /** Spans that a counted call is within. */
  above: ReadonlyMap<string, boolean>;
  /** Counted calls, and spans within them. */
  below: ReadonlyMap<string, boolean>;
}

/** What later requests have to know of a trace. */
export interface SpanMarks {
  traceId: string;
  withUsage: boolean;
  /** Ids of spans that are not in the request, in which a counted call is. */
  above: Set<string>;
  /** Ids of counted calls and of spans within them. */
  below: Set<string>;
}

const COUNTED_BELOW = 'a call below it was counted in an earlier request';
const COUNTED_ABOVE = 'the call above it was counted in an earlier request';

/** Joins the spans of a request with those of earlier ones. */
export class SpanTree {
  readonly #byId: ReadonlyMap<string, OtlpSpan>;
  readonly #known: KnownSpans;

  /** @param byId the spans of the request, by `idOf` */
  constructor(byId: ReadonlyMap<string, OtlpSpan>, known: KnownSpans) {
    this.#byId = byId;
    this.#known = known;
  }

  /**
   * Leaves out the calls that earlier requests have counted by other spans. Over requests the first that arrives counts,
   * unless it had no usage and the later one has.
   */
  leaveOutCounted(found: FoundCalls): FoundCalls {
    // Most traces are new.
    if (this.#known.above.size === 0 && this.#known.below.size === 0) return found;
    const { calls, skipped } = found;
    const all = [...skipped];
    const repeated = this.#spansAboveCounted();
    const isCounted = (call: OtlpSpan, withUsage: boolean | undefined) =>
      withUsage === true || (withUsage === false && !hasUsage(call));
    const left = calls.filter((call) => {
      const isAbove = isCounted(call, repeated.get(call));
      const isBelow = isCounted(call, this.#known.below.get(this.#idOutside(call)));
      const reason = isAbove ? COUNTED_BELOW : COUNTED_ABOVE;
      if (isAbove || isBelow) all.push({ id: `${call.traceId}:${call.spanId}`, reason });
      return !isAbove && !isBelow;
    });
    return { calls: left, skipped: all };
  }

  /** The marks for later requests, once these calls are counted. */
  marksOf(counted: ReadonlySet<OtlpSpan>): SpanMarks[] {
    const withUsageOf = new Map<string, SpanMarks>();
    const withoutUsageOf = new Map<string, SpanMarks>();
    const markOf = (traceId: string, withUsage: boolean) => {
      const marks = withUsage ? withUsageOf : withoutUsageOf;
      const known = marks.get(traceId);
      if (known) return known;
      const made = { traceId, withUsage, above: new Set<string>(), below: new Set<string>() };
      marks.set(traceId, made);
      return made;
    };
    for (const call of counted) {
      const mark = markOf(call.traceId, hasUsage(call));
      mark.below.add(call.spanId);
      const outside = this.#parentOutside(call);
      if (outside !== '') mark.above.add(outside);
    }
    for (const [id, span] of this.#byId) {
      if (counted.has(span)) continue;
      const outside = this.#parentOutside(span);
      const above = this.#known.above.get(id);
      if (above !== undefined && outside !== '') markOf(span.traceId, above).above.add(outside);
      const within = this.#ancestorsOf(span).find((ancestor) => counted.has(ancestor));
      const below = within ? hasUsage(within) : this.#known.below.get(idOf(span.traceId, outside));
      if (below !== undefined) markOf(span.traceId, below).below.add(span.spanId);
    }
    return [...withUsageOf.values(), ...withoutUsageOf.values()];
  }

  /** Spans that an earlier request has put above a counted call, and their ancestors in this request. */
  #spansAboveCounted(): Map<OtlpSpan, boolean> {
    const found = new Map<OtlpSpan, boolean>();
    if (this.#known.above.size === 0) return found;
    for (const [id, span] of this.#byId) {
      const withUsage = this.#known.above.get(id);
      if (withUsage === undefined) continue;
      for (const above of [span, ...this.#ancestorsOf(span)])
        found.set(above, found.get(above) === true || withUsage);
    }
    return found;
  }

  /** The ancestors in this request, the nearest first. */
  #ancestorsOf(span: OtlpSpan): OtlpSpan[] {
    const ancestors: OtlpSpan[] = [];
    let above = this.#parentOf(span);
    while (above && ancestors.length < MOST_ANCESTORS) {
      ancestors.push(above);
      above = this.#parentOf(above);
    }
    return ancestors;
  }

  #parentOf({ traceId, parentSpanId }: OtlpSpan): OtlpSpan | undefined {
    return parentSpanId === '' ? undefined : this.#byId.get(idOf(traceId, parentSpanId));
  }

  /** The id of the nearest ancestor that is not in this request; empty at the root of a trace. */
  #parentOutside(span: OtlpSpan): string {
    let highest = span;
    let above = this.#parentOf(span);
    for (let steps = 0; above && steps < MOST_ANCESTORS; steps++) {
      highest = above;
      above = this.#parentOf(above);
    }
    return highest.parentSpanId;
  }

  #idOutside(span: OtlpSpan): string {
    return idOf(span.traceId, this.#parentOutside(span));
  }
}
