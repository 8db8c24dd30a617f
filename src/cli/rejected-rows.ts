import { type FileHandle, open } from 'node:fs/promises';
import type { RefusedRow } from '../ingestion/files/tally.ts';

/** Keeps refused rows in a file, one JSON object a line. The file is made, or replaced, by the first of them. */
export class RejectedRows {
  readonly #path: string;
  #file: FileHandle | undefined;
  count = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async add(row: RefusedRow): Promise<void> {
    this.#file ??= await open(this.#path, 'w');
    await this.#file.write(`${JSON.stringify(row)}\n`);
    this.count++;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
