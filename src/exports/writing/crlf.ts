import type { LineEncoder } from './line-encoder.ts';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Ends each line of CSV with CRLF in place of LF. A line feed within quotes stays. */
export class CrlfLines implements LineEncoder {
  #quoted = false;
  lines = 0;

  async take(piece: Uint8Array): Promise<Uint8Array> {
    // At worst every byte is a line feed.
    const converted = Buffer.allocUnsafe(2 * piece.length);
    let quoted = this.#quoted;
    let lines = 0;
    let to = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] as number;
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

  async end(): Promise<Uint8Array> {
    return new Uint8Array();
  }

  async close(): Promise<void> {}
}
