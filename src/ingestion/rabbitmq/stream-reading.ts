import type { Pool } from 'pg';
import type { Log } from '../../telemetry/log.ts';
import { SECOND } from '../../time.ts';
import {
  claimStream,
  releaseStream,
  restartStream,
  type StreamReader,
  type StreamStep,
} from '../stream-progress.ts';

/** How long a claim lasts. Another reader replaces a killed one after this time. */
const CLAIM = 5 * SECOND;
/** How often a claim is prolonged. */
const RENEWAL = 1.5 * SECOND;
/** The last stored message arrives at once if it still exists. After this time, something may be wrong. */
const FIRST_MESSAGE = 10 * SECOND;

interface StreamReadingOptions extends StreamReader {
  pool: Pool;
  log: Log;
  /** The offset of the newest message; `undefined` when the stream is empty. */
  lastOffset(): Promise<number | undefined>;
  /** Called, at any time, when the reader has to start again. */
  onLost(reason: Error): void;
}

/**
 * One reader's claim on a stream, and its place in it. Reading starts with the last stored message, which is not stored
 * again. That message shows whether the stream is still the same, and whether messages after it were removed.
 */
export class StreamReading {
  readonly #options: StreamReadingOptions;
  #stored: number;
  #received: number;
  #hasBegun = false;
  readonly #renewal: NodeJS.Timeout;
  /** Runs until the first message has come. */
  readonly #firstMessageCheck: NodeJS.Timeout | undefined;

  private constructor(options: StreamReadingOptions, stored: number) {
    this.#options = options;
    this.#stored = stored;
    this.#received = stored;
    this.#renewal = setInterval(() => void this.#renew(), RENEWAL);
    if (stored >= 0)
      this.#firstMessageCheck = setInterval(() => void this.#checkFirstMessage(), FIRST_MESSAGE);
  }

  /** `undefined` while another reader has the stream. */
  static async claim(options: StreamReadingOptions): Promise<StreamReading | undefined> {
    const stored = await claimStream(options.pool, options, CLAIM);
    return stored === undefined ? undefined : new StreamReading(options, stored);
  }

  /** The offset at which the broker starts. */
  get begin(): 'first' | number {
    return this.#stored < 0 ? 'first' : this.#stored;
  }

  /** Whether the message at this offset is to be stored. */
  accept(offset: number): boolean {
    const { log, stream } = this.#options;
    clearInterval(this.#firstMessageCheck);
    // The first message should be the one that was stored last. Gaps further on are entries of the broker itself.
    if (!this.#hasBegun && this.#stored >= 0 && offset > this.#stored + 1) {
      const gap = { stream, from: this.#stored + 1, to: offset };
      log.error(gap, 'the broker removed messages before they were read');
    }
    this.#hasBegun = true;
    if (offset <= this.#received) return false;
    this.#received = offset;
    return true;
  }

  /** The part of the stream from its stored offset up to this offset. */
  stepTo(offset: number): StreamStep {
    return { stream: this.#options.stream, after: this.#stored, offset };
  }

  /** Must be called once a part is committed. */
  stored({ offset }: StreamStep): void {
    this.#stored = offset;
  }

  async release(): Promise<void> {
    clearInterval(this.#renewal);
    clearInterval(this.#firstMessageCheck);
    const { pool, log, stream } = this.#options;
    // A claim that is not released ends by itself.
    await releaseStream(pool, this.#options).catch((err) =>
      log.debug({ err, stream }, 'the claim on the stream could not be released; it ends by itself'),
    );
  }

  async #renew(): Promise<void> {
    const { pool, log, stream, onLost } = this.#options;
    try {
      const stored = await claimStream(pool, this.#options, CLAIM);
      if (stored === undefined) onLost(new Error(`another process reads ${stream} now`));
    } catch (err) {
      // While the database is down, no other reader can take over either.
      log.debug({ err, stream }, 'the claim on the stream could not be prolonged; it is tried again');
    }
  }

  /** No message has come, not even the last stored one: the stream was created again, or the broker is slow. */
  async #checkFirstMessage(): Promise<void> {
    const { pool, log, stream, lastOffset, onLost } = this.#options;
    try {
      const last = await lastOffset();
      if (last === undefined || last >= this.#stored) return;
      log.warn(
        { stream, stored: this.#stored, last },
        'the stream was created again; it is read from its beginning',
      );
      await restartStream(pool, { stream, after: this.#stored });
      onLost(new Error(`${stream} was created again`));
    } catch (err) {
      log.debug({ err, stream }, 'could not check whether the stream was created again; it is tried again');
    }
  }
}
