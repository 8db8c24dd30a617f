import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { type Readable, Transform, type TransformCallback, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Cells } from './columns.ts';

/** What a format makes of rows. */
export interface RowEncoder {
  /** What comes before the first row. */
  header: string;
  encode(rows: readonly Cells[]): string | Uint8Array;
  /** What comes after the last row. */
  end?(): string | Uint8Array;
}

/** What a finished file is. */
export interface FileSummary {
  bytes: number;
  /** SHA-256 in hex. */
  sha256: string;
}

/** Hashes and counts the bytes that pass. */
class Meter extends Transform {
  readonly #hash: Hash = createHash('sha256');
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  summary(): FileSummary {
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') };
  }
}

/** Writes one file: bytes, perhaps compressed, are hashed and go to the sink. It never runs ahead of the sink. */
export class FileWriter {
  readonly #entry: Writable;
  readonly #meter = new Meter();
  readonly #flowing: Promise<void>;
  #failure: unknown;

  /**
   * @param sink takes the bytes of the file
   * @param compressor compresses them before they are hashed
   */
  constructor(sink: Writable, compressor?: Transform) {
    this.#entry = compressor ?? this.#meter;
    this.#flowing = compressor
      ? pipeline(compressor as Readable & Writable, this.#meter, sink)
      : pipeline(this.#meter, sink);
    // The failure is reported by the next write, or at the end.
    this.#flowing.catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** The bytes that have been written so far. */
  get bytes(): number {
    return this.#meter.bytes;
  }

  /** Resolves when the file can take more. */
  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (chunk.length === 0 || this.#entry.write(chunk)) return;
    await Promise.race([once(this.#entry, 'drain'), this.#flowing]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves once the sink has everything. */
  async end(): Promise<FileSummary> {
    this.#entry.end();
    await this.#flowing;
    return this.#meter.summary();
  }

  /** Stops in the middle. */
  async destroy(): Promise<void> {
    this.#entry.destroy();
    await this.#flowing.catch(() => {});
  }
}
