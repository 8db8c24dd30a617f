import { randomUUID } from 'node:crypto';
import { type Clock, SECOND } from '../time.ts';
import type { Ingest } from './ingest.ts';

/** A request that the service has answered. */
export interface AnsweredRequest {
  method: string;
  /** The route pattern, never the path. */
  route: string;
  statusCode: number;
  durationMs: number;
  correlationId: string;
}

interface SelfReportOptions {
  ingest: Ingest;
  /** The org that the events are sent for. */
  orgId: string;
  clock: Clock;
  /** Whether events of others are waiting; reports are dropped then. */
  isBusy(): boolean;
  onDropped(reports: number): void;
}

/** Reports are sent together this often. More than `MAX_WAITING` in that time are dropped. */
const INTERVAL = SECOND;
const MAX_WAITING = 2_000;

/**
 * The service's report on itself: each request that it answers becomes an `api_request` event, stored like any other.
 * No request waits for it, it sends no requests itself, and under load it is dropped first.
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

  /** Sends the reports that are left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
    await this.#send();
  }

  /** Records a request. Takes the caller no time. */
  record({ method, route, statusCode, durationMs, correlationId }: AnsweredRequest): void {
    const { orgId, clock, onDropped } = this.#options;
    if (this.#waiting.length >= MAX_WAITING) {
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
      // The database is down or the queue is full. Reports are not worth keeping until it recovers.
      onDropped(count);
    }
  }
}
