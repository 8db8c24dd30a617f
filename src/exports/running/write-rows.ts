import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { CsvCopy, OpenDataset } from '../dataset.ts';
import type { Destination, Upload } from '../delivery/destination.ts';
import { ExportFailure } from '../failure.ts';
import type { ExportFormat, ExportRequest } from '../request.ts';
import { CrlfLines } from '../writing/crlf.ts';
import { fileName } from '../writing/file-name.ts';
import { FileWriter, type RowEncoder } from '../writing/file-writer.ts';
import { formats } from '../writing/formats.ts';
import type { ExportFile } from '../writing/manifest.ts';
import { TotalsOfRows, type Written } from '../writing/totals.ts';

/** A file of an export while it is written. */
interface OpenFile {
  name: string;
  format: ExportFormat;
  upload: Upload;
  writer: FileWriter;
  encoder: RowEncoder;
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
      const { contentType, encoder, compressor } = formats[format];
      const name = nameOf(request, format, { rowsMatched, rows: copy?.rows });
      const upload = await destination.create(`${folder}/${name}`, contentType);
      const writer = new FileWriter(upload.stream, compressor?.());
      this.#files.push({ name, format, upload, writer, encoder: await encoder(columns, request) });
    }
  }

  /** The bytes of all files so far. */
  get bytes(): number {
    return this.#files.reduce((sum, { writer }) => sum + writer.bytes, 0);
  }

  /** Writes all rows of a dataset. @returns how many there are, and their sums */
  async write(client: PoolClient, open: OpenDataset, progress: RowProgress): Promise<Written> {
    for (const { writer, encoder } of this.#files) await writer.write(encoder.header);
    const { copy } = open;
    const written =
      copy && this.#files.every(({ format }) => formats[format].isCsv)
        ? await this.#copy(client, copy, progress)
        : await this.#encode(open, progress);
    for (const { writer, encoder } of this.#files) if (encoder.end) await writer.write(encoder.end());
    return written;
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
    { columns, batches, copy }: OpenDataset,
    { signal, onProgress }: RowProgress,
  ): Promise<Written> {
    const expected = copy?.rows;
    const totals = new TotalsOfRows(columns);
    for await (const rows of batches) {
      signal.throwIfAborted();
      totals.add(rows);
      for (const { writer, encoder } of this.#files) await writer.write(encoder.encode(rows));
      onProgress({ rows: totals.rows, bytes: this.bytes, of: expected });
    }
    return { rows: totals.rows, totals: totals.totals() };
  }

  async #copy(client: PoolClient, copy: CsvCopy, { signal, onProgress }: RowProgress): Promise<Written> {
    const lines = new CrlfLines();
    const rows = client.query(copyTo(copy.statement, { highWaterMark: 1 << 18 }));
    try {
      for await (const chunk of rows) {
        signal.throwIfAborted();
        const converted = lines.convert(chunk);
        for (const { writer } of this.#files) await writer.write(converted);
        onProgress({ rows: lines.lines, bytes: this.bytes, of: copy.rows });
      }
    } catch (error) {
      // The session would go on sending. Only the end of its connection ends the COPY.
      void client.end();
      throw error;
    }
    if (lines.lines !== copy.rows) {
      const message = `the database announced ${copy.rows} rows and sent ${lines.lines}`;
      throw new ExportFailure('internal', message, { retryable: true });
    }
    return { rows: lines.lines, totals: copy.totals };
  }
}

export interface RowProgress {
  /** Aborts when the attempt is to stop, with the reason. */
  signal: AbortSignal;
  /** `of`: how many rows there will be, if that is known. */
  onProgress(progress: { rows: number; bytes: number; of?: number | undefined }): void;
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
