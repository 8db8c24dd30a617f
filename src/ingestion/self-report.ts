import { randomUUID } from 'node:crypto';
import { type Clock, SECOND } from '../time.ts';
import type { Ingest } from './ingest.ts';

/** A request that the service itself has answered. */
export interface AnsweredRequest {
  method: string;
  /** The pattern, never the path. */
  route: string;
  statusCode: number;
  durationMs: number;
  correlationId: string;
}

interface SelfReportOptions {
  ingest: Ingest;
  /** The org the events are of. */
  orgId: string;
  clock: Clock;
  /** Whether others' events have to wait as it is; then reports are dropped. */
  isBusy(): boolean;
  onDropped(reports: number): void;
}

/** How long reports wait for others, and how many do at most; more are dropped. */
const INTERVAL = SECOND;
const MOST_WAITING = 2_000;

/**
 * The service's report on itself: each request it answers becomes an `api_request` event, by the same way as all
 * others. Nobody waits for it, it makes no requests of its own, and under load it is the first thing to go.
 */
export class SelfReport {
  readonly #options: SelfReportOptions;
  #waiting: Record<string, unknown>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;

  constructor(options: SelfReportOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#underWay ??= this.#send().finally(() => {
        this.#underWay = undefined;
      });
    }, INTERVAL);
    this.#timer.unref();
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
    await this.#send();
  }

  /** Takes note of a request; costs its caller no time. */
  note({ method, route, statusCode, durationMs, correlationId }: AnsweredRequest): void {
    const { orgId, clock, onDropped } = this.#options;
    if (this.#waiting.length >= MOST_WAITING) {
      onDropped(1);
      return;
    }
    this.#waiting.push({
      type: 'api_request',
      eventId: randomUUID(),
      orgId,
      occurredAt: new Date(clock.now()).toISOString(),
      correlationId,
      method,
      route,
      statusCode,
      durationMs: Math.round(durationMs * 1_000) / 1_000,
    });
  }

  async #send(): Promise<void> {
    const { ingest, orgId, isBusy, onDropped } = this.#options;
    const events = this.#waiting;
    if (events.length === 0) return;
    this.#waiting = [];
    const count = events.length;
    if (isBusy()) {
      onDropped(count);
      return;
    }
    const mayIngestFor = (org: string) => org === orgId;
    try {
      const { rejected } = await ingest.submit({
        events,
        source: 'self',
        correlationId: randomUUID(),
        mayIngestFor,
      });
      if (rejected > 0) onDropped(rejected);
    } catch {
      // The database is away or the queue is full: a report is not worth holding on to.
      onDropped(count);
    }
  }
}
