import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CodedError } from '../errors.ts';
import { compressor } from './compression.ts';
import { type BackupHeader, FRAME_HEAD, type FrameKind, MAGIC, type TableEnd } from './format.ts';

/** Only the owner may read a backup, because it has the signing keys and the secrets of webhooks. */
const FILE_MODE = 0o600;

/**
 * Writes a backup file. Until `finish`, it is `FILE.part`. So a file without that ending is always complete, and on the
 * disk.
 */
export class ArchiveWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #digest = createHash('sha256');
  readonly #compression: BackupHeader['compression'];
  readonly #ends: TableEnd[] = [];
  #bytes = 0;

  private constructor(path: string, file: FileHandle, header: BackupHeader) {
    this.#path = path;
    this.#file = file;
    this.#compression = header.compression;
  }

  /** @throws {CodedError} `conflict` when the file exists already; the error of the file system when it cannot be written */
  static async open(path: string, header: BackupHeader): Promise<ArchiveWriter> {
    if (await exists(path))
      throw new CodedError(
        'conflict',
        `the file ${path} exists already; choose another name, or delete it first`,
      );
    const part = partOf(path);
    await rm(part, { force: true });
    const writer = new ArchiveWriter(path, await open(part, 'wx', FILE_MODE), header);
    try {
      await writer.#write(MAGIC);
      await writer.#frame('H', JSON.stringify(header));
      return writer;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  get tables(): readonly TableEnd[] {
    return this.#ends;
  }

  /** Of the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a table. `rowsOf` counts the rows of `text` once it has ended. */
  async addTable(table: string, text: Readable, rowsOf: () => number): Promise<TableEnd> {
    const digest = createHash('sha256');
    await pipeline(
      text,
      async function* hash(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          digest.update(chunk);
          yield chunk;
        }
      },
      compressor(this.#compression),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) await this.#frame('D', chunk);
      },
    );
    const end = { table, rows: rowsOf(), sha256: digest.digest('hex') };
    await this.#frame('E', JSON.stringify(end));
    this.#ends.push(end);
    return end;
  }

  /** Completes the file, waits until it is on the disk, and gives it its name. */
  async finish(): Promise<void> {
    const rows = this.#ends.reduce((sum, end) => sum + end.rows, 0);
    await this.#frame('Z', JSON.stringify({ tables: this.#ends.length, rows }));
    const digest = this.#digest.digest();
    this.#bytes += digest.length;
    await this.#file.writeFile(digest);
    await this.#file.sync();
    await this.#file.close();
    await rename(partOf(this.#path), this.#path);
    await syncDirectory(dirname(this.#path));
  }

  /** Removes the unfinished file. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(partOf(this.#path), { force: true });
  }

  async #frame(kind: FrameKind, content: Buffer | string): Promise<void> {
    const bytes = Buffer.from(content);
    const head = Buffer.alloc(FRAME_HEAD);
    head.write(kind, 0, 'latin1');
    head.writeUInt32BE(bytes.length, 1);
    await this.#write(Buffer.concat([head, bytes]));
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#digest.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes the new name of a file survive a power failure. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
