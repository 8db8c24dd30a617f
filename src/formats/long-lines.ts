import { randomUUID } from 'node:crypto';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const SHOWN = 1_000;

/** The place of the first line end; -1 without any. */
function firstEnd(bytes: Buffer): number {
  const [feed, carriage] = [bytes.indexOf(LINE_FEED), bytes.indexOf(CARRIAGE_RETURN)];
  return feed === -1 || carriage === -1 ? Math.max(feed, carriage) : Math.min(feed, carriage);
}

function lastEnd(bytes: Buffer): number {
  return Math.max(bytes.lastIndexOf(LINE_FEED), bytes.lastIndexOf(CARRIAGE_RETURN));
}

function countQuotes(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}

/**
 * Replaces lines that are too long in a CSV file on its way to the parser. The parser would stop at the first such
 * line, without a way to find the next row. The replacement is a mark that no file holds by chance, and then the
 * beginning of the line.
 */
export class LongLines {
  readonly #mark = `long-line-${randomUUID()} `;
  readonly #longest: number;
  /** The line that has not ended yet; only its beginning once it is too long. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #quotes = 0;

  /** @param longest the most bytes of a line */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The same bytes with every long line replaced. No chunk may be longer than `longest`. */
  async *shorten(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      const end = firstEnd(chunk);
      if (end === -1) {
        this.#add(chunk);
        continue;
      }
      this.#add(chunk.subarray(0, end));
      const last = lastEnd(chunk) + 1;
      yield Buffer.concat([this.#take(), chunk.subarray(end, last)]);
      this.#add(chunk.subarray(last));
    }
    if (this.#bytes > 0) yield this.#take();
  }

  /** A row without the mark, if a long line in it was replaced; `undefined` for any other row. */
  beginningIn(raw: string): string | undefined {
    return raw.includes(this.#mark) ? raw.replaceAll(this.#mark, '') : undefined;
  }

  get #isTooLong(): boolean {
    return this.#bytes > this.#longest;
  }

  #add(part: Buffer): void {
    const wasTooLong = this.#isTooLong;
    this.#bytes += part.length;
    if (wasTooLong) this.#quotes += countQuotes(part);
    else this.#parts.push(part);
    if (wasTooLong || !this.#isTooLong) return;
    const line = Buffer.concat(this.#parts);
    this.#quotes = countQuotes(line);
    this.#parts = [Buffer.from(line.subarray(0, SHOWN))];
  }

  /** The line that has ended, or its replacement. */
  #take(): Buffer {
    const line = Buffer.concat(this.#parts);
    const passedOn = this.#isTooLong ? this.#replacementFor(line) : line;
    [this.#parts, this.#bytes, this.#quotes] = [[], 0, 0];
    return passedOn;
  }

  // One quote is kept when their number is odd: such a line opens a cell of many lines, or closes one.
  #replacementFor(beginning: Buffer): Buffer {
    const quote = this.#quotes % 2 === 1 ? '"' : '';
    return Buffer.from(`${quote}${this.#mark}${beginning.toString().replaceAll('"', '')}`);
  }
}
