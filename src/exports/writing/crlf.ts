import { Transform, type TransformCallback } from 'node:stream';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Ends each line of CSV with CRLF in place of LF, and counts the lines. A line feed within quotes stays. */
export class CrlfLines extends Transform {
  #quoted = false;
  lines = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, this.convert(chunk));
  }

  convert(chunk: Buffer): Buffer {
    // At worst every byte is a line feed.
    const converted = Buffer.allocUnsafe(2 * chunk.length);
    let quoted = this.#quoted;
    let lines = 0;
    let to = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === QUOTE) quoted = !quoted;
      else if (byte === LF && !quoted) {
        converted[to++] = CR;
        lines++;
      }
      converted[to++] = byte;
    }
    this.#quoted = quoted;
    this.lines += lines;
    return converted.subarray(0, to);
  }
}
