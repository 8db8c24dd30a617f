import { type FileHandle, open } from 'node:fs/promises';
import type { RefusedRow } from '../ingestion/files/tally.ts';

/** Writes rejected rows to a file, one JSON object a line. The first row creates or replaces the file. */
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
