import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CodedError } from '../errors.ts';
import {
  type BackupEnd,
  type BackupHeader,
  DIGEST_LENGTH,
  FRAME_HEAD,
  type FrameKind,
  LONGEST_FRAME,
  MAGIC,
  type TableEnd,
} from './format.ts';

interface Frame {
  kind: FrameKind;
  content: Buffer;
}

/** Reads a backup file that `verifyArchive` has checked, frame by frame. */
export class ArchiveReader {
  readonly #file: FileHandle;
  #at = MAGIC.length;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<{ reader: ArchiveReader; header: BackupHeader }> {
    const reader = new ArchiveReader(await open(path, 'r'));
    return { reader, header: JSON.parse((await reader.#next('H')).content.toString()) as BackupHeader };
  }

  /** The compressed pieces of the next table. `end` receives what the file says of the table. */
  async *tablePieces(end: (end: TableEnd) => void): AsyncGenerator<Buffer> {
    for (;;) {
      const { kind, content } = await this.#next('D', 'E');
      if (kind === 'D') {
        yield content;
        continue;
      }
      end(JSON.parse(content.toString()) as TableEnd);
      return;
    }
  }

  async end(): Promise<BackupEnd> {
    return JSON.parse((await this.#next('Z')).content.toString()) as BackupEnd;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #next(...expected: FrameKind[]): Promise<Frame> {
    const head = await this.#read(FRAME_HEAD);
    const kind = head.toString('latin1', 0, 1) as FrameKind;
    const length = head.readUInt32BE(1);
    if (!expected.includes(kind) || length > LONGEST_FRAME)
      throw new CodedError('invalid_request', `the backup is not readable at byte ${this.#at - FRAME_HEAD}`);
    return { kind, content: await this.#read(length) };
  }

  async #read(length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await this.#file.read(buffer, 0, length, this.#at);
    if (bytesRead < length)
      throw new CodedError('invalid_request', `the backup ends early, at byte ${this.#at + bytesRead}`);
    this.#at += length;
    return buffer;
  }
}

/**
 * Reads the whole file and compares it with the checksum at its end.
 *
 * @throws {CodedError} `invalid_request` when the file is no backup, is of an unknown format, or was truncated or altered
 * @throws the error of the file system when it cannot be read
 */
export async function verifyArchive(path: string): Promise<void> {
  const file = await open(path, 'r');
  let size: number;
  let digest: Buffer;
  try {
    ({ size } = await file.stat());
    await refuseOtherFormats(file, path);
    digest = Buffer.alloc(DIGEST_LENGTH);
    await file.read(digest, 0, DIGEST_LENGTH, Math.max(0, size - DIGEST_LENGTH));
  } finally {
    await file.close();
  }
  const hash = createHash('sha256');
  const content = createReadStream(path, { end: size - DIGEST_LENGTH - 1, highWaterMark: 1_024 * 1_024 });
  for await (const chunk of content) hash.update(chunk as Buffer);
  if (!hash.digest().equals(digest))
    throw new CodedError(
      'invalid_request',
      `${path} is damaged: it was truncated or altered after it was written. Nothing was changed. Use another backup.`,
    );
}

async function refuseOtherFormats(file: FileHandle, path: string): Promise<void> {
  const start = Buffer.alloc(MAGIC.length);
  await file.read(start, 0, MAGIC.length, 0);
  if (start.equals(MAGIC)) return;
  const ours = start.toString('latin1').startsWith('TIDEMARK BACKUP');
  throw new CodedError(
    'invalid_request',
    ours
      ? `${path} was written by another release, in a format that this one cannot read; restore it with that release`
      : `${path} is no backup of Tidemark; give a file that tidemark backup wrote`,
  );
}
