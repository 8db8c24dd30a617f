import type { Pool } from 'pg';
import { isTransient } from '../../database/connection-error.ts';
import { CodedError } from '../../errors.ts';
import type { KnownSpans, SpanMarks } from '../../formats/otlp/across-requests.ts';
import { idOf } from '../../formats/otlp/leaf-calls.ts';
import { type Clock, HOUR } from '../../time.ts';
import { copyOf, runScript } from '../copy-in.ts';
import { encodeMarks, MARK_COLUMNS } from './span-rows.ts';

interface SpanMemoryOptions {
  pool: Pool;
  clock: Clock;
  /** Milliseconds that marks are remembered; 0 for no memory. */
  kept: number;
}

const TRACES_AT_ONCE = 1_000;
/** An agent that runs for an hour exports its trace often. Its latest exports are the ones that matter. */
const ROWS_OF_A_TRACE = 50;
const MOST_ROWS = 5_000;
const MOST_IDS = 100;
/** The rows that one process writes for an org in an hour. Beyond it, calls count without memory. */
const ROWS_OF_AN_ORG = 1_000_000;
const TRACE_ID = /^[0-9a-f]{32}$/;

/**
 * Remembers for a time the spans around counted calls, over restarts and for all processes. A trace arrives in several
 * requests, and a span that repeats the call of another must not count again.
 */
export class SpanMemory {
  readonly #options: SpanMemoryOptions;
  /** The rows of this hour by org. */
  readonly #written = new Map<string, number>();
  #hour = 0;

  constructor(options: SpanMemoryOptions) {
    this.#options = options;
  }

  /**
   * What earlier requests have marked in these traces.
   * @throws {CodedError} `unavailable` when the database is away
   */
  async recall(orgId: string, traceIds: ReadonlySet<string>): Promise<KnownSpans> {
    const above = new Map<string, boolean>();
    const below = new Map<string, boolean>();
    if (this.#options.kept === 0) return { above, below };
    const asked = [...traceIds].filter((traceId) => TRACE_ID.test(traceId));
    for (let from = 0; from < asked.length; from += TRACES_AT_ONCE) {
      const some = asked.slice(from, from + TRACES_AT_ONCE);
      for (const row of await this.#read(orgId, some)) {
        const traceId = some[row.position - 1] ?? '';
        const enter = (ids: readonly string[], into: Map<string, boolean>) => {
          for (const id of ids) {
            const key = idOf(traceId, id);
            into.set(key, into.get(key) === true || row.with_usage);
          }
        };
        enter(row.above, above);
        enter(row.below, below);
      }
    }
    return { above, below };
  }

  /**
   * Remembers marks. Called once the calls are stored: a request that is sent again in between marks the same.
   * @throws {CodedError} `unavailable` when the database is away
   */
  async remember(orgId: string, marks: readonly SpanMarks[]): Promise<void> {
    if (this.#options.kept === 0) return;
    const rows = marks.filter(({ traceId }) => TRACE_ID.test(traceId)).slice(0, this.#rowsLeft(orgId));
    if (rows.length === 0) return;
    this.#written.set(orgId, (this.#written.get(orgId) ?? 0) + rows.length);
    const encoded = encodeMarks(rows, {
      orgId,
      markedAt: this.#options.clock.now(),
      mostIds: MOST_IDS,
    });
    await orUnavailable(this.#copy(encoded));
  }

  async #copy(rows: Buffer): Promise<void> {
    const client = await this.#options.pool.connect();
    try {
      await runScript(client, [copyOf(`analytics.counted_spans (${MARK_COLUMNS})`, [rows])]);
    } finally {
      // Any status but idle means that the connection broke.
      client.release(client.getTransactionStatus() !== 'I');
    }
  }

  async #read(orgId: string, traceIds: readonly string[]): Promise<MarkRow[]> {
    const { pool, clock, kept } = this.#options;
    // The latest rows of each trace, by its index: a plan over all rows of the org would read them all.
    const { rows } = await orUnavailable(
      pool.query<MarkRow>(
        `select t.position::int, s.with_usage, s.above, s.below
         from unnest($2::uuid[]) with ordinality as t (trace_id, position)
         cross join lateral (
           select with_usage, above, below from analytics.counted_spans
           where org_id = $1 and trace_id = t.trace_id and marked_at >= $3
           order by marked_at desc limit ${ROWS_OF_A_TRACE}
         ) as s
         limit ${MOST_ROWS}`,
        [orgId, `{${traceIds.join()}}`, new Date(clock.now() - kept)],
      ),
    );
    return rows;
  }

  #rowsLeft(orgId: string): number {
    const hour = Math.floor(this.#options.clock.now() / HOUR);
    if (hour !== this.#hour) this.#written.clear();
    this.#hour = hour;
    return ROWS_OF_AN_ORG - (this.#written.get(orgId) ?? 0);
  }
}

interface MarkRow {
  /** The place of the trace in the question, from 1. */
  position: number;
  with_usage: boolean;
  above: string[];
  below: string[];
}

async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isTransient(error)) throw error;
    throw new CodedError('unavailable', 'the database cannot be reached now; send the spans again', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
}
