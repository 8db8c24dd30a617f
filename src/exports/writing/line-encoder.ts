/** What a format makes of lines of CSV as `COPY … (format csv)` writes them: without a header, each ended by a line feed. */
export interface LineEncoder {
  /** How many lines have been read. */
  readonly lines: number;
  /** Takes the next piece, which may end anywhere. @returns the bytes that are ready */
  take(piece: Uint8Array): Promise<Uint8Array>;
  /** @returns what comes after the last line */
  end(): Promise<Uint8Array>;
  /** Gives the encoder up. It may be called at any time, and more than once. */
  close(): Promise<void>;
}
