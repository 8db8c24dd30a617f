/**
 * Reads lines of CSV as `COPY … (format csv)` writes them. A text that is not quoted and empty is null. The lines come
 * from PostgreSQL, so they are not checked.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;

/** The cells of complete lines, from pieces of text that may end anywhere. */
export class LineReader {
  readonly #onCell: (column: number, cell: string | null) => void;
  readonly #onLine: () => void;
  readonly #cells: (string | null)[] = [];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';

  /**
   * @param onCell takes each cell of a line, from the first column on
   * @param onLine is called after the last cell of each line
   */
  constructor(onCell: (column: number, cell: string | null) => void, onLine: () => void) {
    this.#onCell = onCell;
    this.#onLine = onLine;
  }

  read(piece: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true });
    let at = 0;
    for (;;) {
      const next = this.#readLine(text, at);
      if (next === -1) break;
      at = next;
      const cells = this.#cells;
      for (let column = 0; column < cells.length; column++) this.#onCell(column, cells[column] ?? null);
      this.#onLine();
    }
    this.#rest = text.slice(at);
  }

  /** Reads one line into the cells. @returns where the next line begins, or -1 if this one is not complete */
  #readLine(text: string, start: number): number {
    const cells = this.#cells;
    let at = start;
    let column = 0;
    for (;;) {
      let end: number;
      if (text.charCodeAt(at) === QUOTE) {
        end = closingQuote(text, at + 1);
        // What follows a quote tells whether it is the last one.
        if (end === -1 || end + 1 >= text.length) return -1;
        const quoted = text.slice(at + 1, end);
        cells[column++] = quoted.includes('"') ? quoted.replaceAll('""', '"') : quoted;
        end++;
      } else {
        end = at;
        while (end < text.length && !endsCell(text.charCodeAt(end))) end++;
        if (end === text.length) return -1;
        cells[column++] = end === at ? null : text.slice(at, end);
      }
      if (text.charCodeAt(end) === LF) return end + 1;
      at = end + 1;
    }
  }
}

function endsCell(code: number): boolean {
  return code === COMMA || code === LF;
}

function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}
