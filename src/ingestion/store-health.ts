import { type Clock, SECOND } from '../time.ts';

/** Failed batches in a row after which storing counts as failing. A single one may be a deadlock or a restart. */
const FAILURES = 3;
/** After this time without a new failure, senders should try again. Otherwise nothing would notice the recovery. */
const REMEMBERED = 30 * SECOND;

/** The database refuses the content of the events (SQLSTATE classes 21, 22 and 23). Other events can be stored. */
function isFaultOfContent(error: unknown): boolean {
  return /^2[123]\w{3}$/.test(String((error as { code?: unknown } | null)?.code ?? ''));
}

/**
 * Whether the database stores events. It may answer questions and refuse to store, as with a full disk or while it is
 * read-only. So the outcome of real batches decides.
 */
export class StoreHealth {
  readonly #clock: Clock;
  #failuresInARow = 0;
  #lastFailure = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  stored(): void {
    this.#failuresInARow = 0;
  }

  failed(error: unknown): void {
    if (isFaultOfContent(error)) return;
    this.#failuresInARow++;
    this.#lastFailure = this.#clock.now();
  }

  /** Rejects while batches fail again and again. */
  async check(): Promise<void> {
    const isRecent = this.#clock.now() - this.#lastFailure < REMEMBERED;
    if (this.#failuresInARow >= FAILURES && isRecent)
      throw new Error(`the last ${this.#failuresInARow} batches of events could not be stored`);
  }
}
