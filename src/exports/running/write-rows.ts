import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { GiveWay } from '../../shares/give-way.ts';
import type { CsvCopy, OpenDataset } from '../dataset.ts';
import type { Destination, Upload } from '../delivery/destination.ts';
import { ExportFailure } from '../failure.ts';
import type { ExportFormat, ExportRequest } from '../request.ts';
import { fileName } from '../writing/file-name.ts';
import { FileWriter, type RowEncoder } from '../writing/file-writer.ts';
import { formats } from '../writing/formats.ts';
import type { LineEncoder } from '../writing/line-encoder.ts';
import type { ExportFile } from '../writing/manifest.ts';
import { TotalsOfRows, type Written } from '../writing/totals.ts';

/** A file of an export while it is written. */
interface OpenFile {
  name: string;
  format: ExportFormat;
  upload: Upload;
  writer: FileWriter;
  encoder: RowEncoder;
  fromLines?: (() => LineEncoder) | undefined;
  /** Texts that look like formulas stay. */
  raw: boolean;
}

/** The files of one attempt. Each row goes to all of them, and none runs ahead of the others. */
export class ExportFiles {
  readonly #files: OpenFile[] = [];

  /** Begins a file in each format of the request. */
  async begin(
    { destination, folder }: { destination: Destination; folder: string },
    request: ExportRequest,
    { columns, rowsMatched, copy }: OpenDataset,
  ): Promise<void> {
    for (const format of request.formats) {
      const { contentType, encoder, compressor, fromLines, isForSpreadsheets } = formats[format];
      const name = nameOf(request, format, { rowsMatched, rows: copy?.rows });
      const upload = await destination.create(`${folder}/${name}`, contentType);
      const writer = new FileWriter(upload.stream, compressor?.());
      this.#files.push({
        ...{ name, format, upload, writer, encoder: await encoder(columns, request) },
        ...{ fromLines: fromLines && (() => fromLines(columns)), raw: request.raw || !isForSpreadsheets },
      });
    }
  }

  /** The bytes of all files so far. */
  get bytes(): number {
    return this.#files.reduce((sum, { writer }) => sum + writer.bytes, 0);
  }

  /**
   * Writes all rows of a dataset. A way that is slow for one file holds up no other: each has a pass of its own over the
   * same snapshot.
   * @returns how many there are, and their sums
   */
  async write(client: PoolClient, open: OpenDataset, progress: RowProgress): Promise<Written> {
    const { copy } = open;
    if (!copy) return this.#encode(this.#files, open, progress);
    const slow: OpenFile[] = [];
    const fast = new Map<boolean, OpenFile[]>([
      [true, []],
      [false, []],
    ]);
    for (const file of this.#files) {
      if (file.fromLines) fast.get(file.raw)?.push(file);
      else slow.push(file);
    }
    for (const [raw, files] of fast) {
      if (files.length > 0)
        await this.#copy(client, { files, statement: copy.statement({ raw }), copy }, progress);
    }
    if (slow.length > 0) await this.#encode(slow, open, progress);
    return { rows: copy.rows, totals: copy.totals };
  }

  /** Makes the files visible. */
  async finish(rows: number): Promise<ExportFile[]> {
    const finished: ExportFile[] = [];
    for (const { name, format, writer, upload } of this.#files) {
      const summary = await writer.end();
      await upload.finish();
      finished.push({ name, format, ...summary, rows });
    }
    return finished;
  }

  /** Gives up what is not finished. */
  async discard(): Promise<void> {
    for (const { writer, upload } of this.#files) {
      await writer.destroy();
      await upload.discard();
    }
  }

  async #encode(
    files: readonly OpenFile[],
    { columns, batches, copy }: OpenDataset,
    { signal, onProgress, giveWay }: RowProgress,
  ): Promise<Written> {
    const expected = copy?.rows;
    const totals = new TotalsOfRows(columns);
    for (const { writer, encoder } of files) await writer.write(encoder.header);
    for await (const rows of batches) {
      signal.throwIfAborted();
      totals.add(rows);
      for (const { writer, encoder } of files) await writer.write(encoder.encode(rows));
      onProgress({ rows: totals.rows, bytes: this.bytes, of: expected });
      await giveWay?.pause();
    }
    for (const { writer, encoder } of files) if (encoder.end) await writer.write(encoder.end());
    checkRows(totals.rows, expected);
    return { rows: totals.rows, totals: totals.totals() };
  }

  async #copy(
    client: PoolClient,
    { files, statement, copy }: { files: readonly OpenFile[]; statement: string; copy: CsvCopy },
    { signal, onProgress, giveWay }: RowProgress,
  ): Promise<void> {
    const encoders = files.flatMap(({ writer, fromLines, encoder: { header } }) =>
      fromLines ? [{ writer, header, lines: fromLines() }] : [],
    );
    let rows = 0;
    try {
      for (const { writer, header } of encoders) await writer.write(header);
      for await (const piece of beginCopy(client, statement)) {
        signal.throwIfAborted();
        for (const { writer, lines } of encoders) await writer.write(await lines.take(piece));
        rows = Math.min(...encoders.map(({ lines }) => lines.lines));
        onProgress({ rows, bytes: this.bytes, of: copy.rows });
        await giveWay?.pause();
      }
      for (const { writer, lines } of encoders) {
        await writer.write(await lines.end());
        checkRows(lines.lines, copy.rows);
      }
    } catch (error) {
      // The session would go on sending. Only the end of its connection ends the COPY.
      void client.end();
      throw error;
    } finally {
      for (const { lines } of encoders) await lines.close();
    }
  }
}

function beginCopy(client: PoolClient, statement: string): AsyncIterable<Buffer> {
  return client.query(copyTo(statement, { highWaterMark: 1 << 18 }));
}

/** @throws {ExportFailure} if other rows came than were announced: then the sums are not those of the file */
function checkRows(rows: number, expected: number | undefined): void {
  if (expected === undefined || rows === expected) return;
  const message = `the database announced ${expected} rows and sent ${rows}`;
  throw new ExportFailure('internal', message, { retryable: true });
}

export interface RowProgress {
  /** Aborts when the attempt is to stop, with the reason. */
  signal: AbortSignal;
  /** `of`: how many rows there will be, if that is known. */
  onProgress(progress: { rows: number; bytes: number; of?: number | undefined }): void;
  /** For writing beside questions of the same process. */
  giveWay?: GiveWay | undefined;
}

function nameOf(
  { dataset, granularity, orgId, range, events }: ExportRequest,
  format: ExportFormat,
  { rowsMatched, rows = events?.limit }: { rowsMatched: number | undefined; rows: number | undefined },
): string {
  const isTruncated = rowsMatched !== undefined && rows !== undefined && rowsMatched > rows;
  return fileName({
    subject: events === null ? `${dataset}-${granularity}` : dataset,
    orgId,
    range,
    truncated: isTruncated ? { rows, matched: rowsMatched } : undefined,
    extension: format,
  });
}
