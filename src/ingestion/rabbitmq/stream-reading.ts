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

/** A reader that was killed is replaced after this time. */
const CLAIM = 5 * SECOND;
const RENEWAL = 1.5 * SECOND;
/** The last stored message, when it is still there, comes at once. */
const FIRST_MESSAGE = 10 * SECOND;

interface StreamReadingOptions extends StreamReader {
  pool: Pool;
  log: Log;
  /** The offset of the newest message there is; `undefined` when there is none. */
  lastOffset(): Promise<number | undefined>;
  /** Told, at any time, that reading has to begin again. */
  onLost(reason: Error): void;
}

/**
 * One reader's hold on a stream, and where it stands in it. Reading begins with the last message stored, which is
 * passed over: so it shows whether the stream is still the one that was read, and still has what follows.
 */
export class StreamReading {
  readonly #options: StreamReadingOptions;
  #stored: number;
  #received: number;
  #hasBegun = false;
  readonly #renewal: NodeJS.Timeout;
  /** Until the first message has come. */
  readonly #doubts: NodeJS.Timeout | undefined;

  private constructor(options: StreamReadingOptions, stored: number) {
    this.#options = options;
    this.#stored = stored;
    this.#received = stored;
    this.#renewal = setInterval(() => void this.#renew(), RENEWAL);
    if (stored >= 0) this.#doubts = setInterval(() => void this.#doubt(), FIRST_MESSAGE);
  }

  /** `undefined` while another reader has the stream. */
  static async claim(options: StreamReadingOptions): Promise<StreamReading | undefined> {
    const stored = await claimStream(options.pool, options, CLAIM);
    return stored === undefined ? undefined : new StreamReading(options, stored);
  }

  /** Where the broker is to begin. */
  get begin(): 'first' | number {
    return this.#stored < 0 ? 'first' : this.#stored;
  }

  /** Whether the message of this offset is one to store. */
  accept(offset: number): boolean {
    const { log, stream } = this.#options;
    clearInterval(this.#doubts);
    // Later gaps are the broker's own entries; the first message should be the one stored last.
    if (!this.#hasBegun && this.#stored >= 0 && offset > this.#stored + 1) {
      const gap = { stream, from: this.#stored + 1, to: offset };
      log.error(gap, 'the broker removed messages that were not read yet');
    }
    this.#hasBegun = true;
    if (offset <= this.#received) return false;
    this.#received = offset;
    return true;
  }

  /** The piece from where the stream is stored up to this offset. */
  stepTo(offset: number): StreamStep {
    return { stream: this.#options.stream, after: this.#stored, offset };
  }

  /** To be told once a piece is committed. */
  stored({ offset }: StreamStep): void {
    this.#stored = offset;
  }

  async release(): Promise<void> {
    clearInterval(this.#renewal);
    clearInterval(this.#doubts);
    const { pool, log, stream } = this.#options;
    // Left alone, the claim ends by itself.
    await releaseStream(pool, this.#options).catch((err) => log.debug({ err, stream }, 'claim not released'));
  }

  async #renew(): Promise<void> {
    const { pool, log, stream, onLost } = this.#options;
    try {
      const stored = await claimStream(pool, this.#options, CLAIM);
      if (stored === undefined) onLost(new Error(`another process reads ${stream} now`));
    } catch (err) {
      // While the database is away nobody else can take over either.
      log.debug({ err, stream }, 'claim not renewed');
    }
  }

  /** Nothing has come, not even the message that was stored last: it is missing, or the broker is slow. */
  async #doubt(): Promise<void> {
    const { pool, log, stream, lastOffset, onLost } = this.#options;
    try {
      const last = await lastOffset();
      if (last === undefined || last >= this.#stored) return;
      log.warn(
        { stream, stored: this.#stored, last },
        'the stream was made anew; reading it from its beginning',
      );
      await restartStream(pool, { stream, after: this.#stored });
      onLost(new Error(`${stream} was made anew`));
    } catch (err) {
      log.debug({ err, stream }, 'cannot tell whether the stream was made anew');
    }
  }
}
