import { Transform, type TransformCallback } from 'node:stream';
import { createInflate, createInflateRaw, type Inflate, type InflateRaw } from 'node:zlib';

/** The method of the zlib header (RFC 1950), in the lower half of its first byte. */
const METHOD = 0x0f;
const DEFLATED = 8;

/**
 * Decompresses `deflate` as HTTP defines it, in a zlib header, and as many clients send it, without. The first byte tells
 * them apart: a compressor that writes no header does not begin like one.
 */
export class AnyDeflate extends Transform {
  #inflate: Inflate | InflateRaw | undefined;

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#inflate ??= this.#begin(((piece[0] ?? 0) & METHOD) === DEFLATED);
    this.#inflate.write(piece, (error) => done(error));
  }

  override _flush(done: TransformCallback): void {
    const inflate = this.#inflate ?? this.#begin(true);
    inflate.once('end', () => done());
    inflate.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate?.destroy();
    done(error);
  }

  #begin(hasHeader: boolean): Inflate | InflateRaw {
    const inflate = hasHeader ? createInflate() : createInflateRaw();
    inflate.on('data', (piece: Buffer) => this.push(piece));
    inflate.on('error', (error) => this.destroy(error));
    return inflate;
  }
}
