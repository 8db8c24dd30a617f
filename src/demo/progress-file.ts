import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeliveredRange } from './delivered.ts';

/**
 * Records the delivered range in a file beside the data. A lost or outdated file does no harm, because events that are
 * sent again count as duplicates.
 */
export class ProgressFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'delivered.json');
  }

  async read(): Promise<DeliveredRange | undefined> {
    try {
      return JSON.parse(await readFile(this.#path, 'utf8')) as DeliveredRange;
    } catch {
      return undefined;
    }
  }

  async write(delivered: DeliveredRange): Promise<void> {
    await writeFile(`${this.#path}.new`, JSON.stringify(delivered));
    await rename(`${this.#path}.new`, this.#path);
  }
}
