import { randomUUID } from 'node:crypto';
import { CodedError } from '../../errors.ts';
import { formatTimestamp, parseTimestamp } from '../../events/timestamp.ts';
import { isCallLog } from '../../formats/call-logs/call-logs.ts';
import type { ImportRow } from '../../formats/row.ts';
import { type RowMapping, type UnusedColumn, unusedColumns } from '../../formats/row-mapping.ts';
import type { SkippedRecord } from '../../formats/skipped-record.ts';
import type { Ingest } from '../ingest.ts';
import { eventOfRow, type RowOutcome } from './event-of-row.ts';
import { type RowIdentity, rowIdsOf } from './row-ids.ts';
import { type ImportFormat, openRows } from './rows.ts';
import { type ImportCounts, ImportTally, type RefusedRow } from './tally.ts';

/** Rows of one submission. */
const CHUNK_ROWS = 5_000;
/** While one chunk is stored, the next is read. */
const CHUNKS_UNDER_WAY = 2;

export interface ImportOptions {
  path: string;
  format: ImportFormat;
  mapping: RowMapping;
  /** The delimiter of the columns of a CSV file, if it is not a comma. */
  delimiter?: string;
  ingest: Pick<Ingest, 'submit'>;
  /** What identifies rows without an id; their content by default. */
  rowIdentity?: RowIdentity;
  /** The new time of the latest row, in microseconds since the epoch. All rows move by the same time. */
  shiftTo?: number;
  /** Accept any `occurredAt`. */
  anyTime?: boolean;
  /** Counts the results of rows, also when the import fails. */
  tally?: ImportTally;
  /** Ends the import early. Rows that were submitted by then are stored. */
  signal?: AbortSignal;
  /** Called with the bytes read so far. The pass `times` searches the latest row, before the pass `rows`. */
  onProgress?(pass: 'times' | 'rows', bytes: number): void;
  /** Called before the first row with the columns that no event takes a value from, if there are any. */
  onUnused?(columns: readonly UnusedColumn[]): void;
  /** Called with each row that was refused, in the order of the file. */
  onRefused(row: RefusedRow): Promise<void> | void;
}

/** A row with its event, or with the reason why it has none. */
type Candidate = { row: ImportRow } & RowOutcome;

/**
 * Stores the events of a file. An event without an id gets one from its content and its number among equal rows. So a row
 * counts once, even if it comes again in another file, at another place.
 * @throws {CodedError} as `createRowMapper`, `openRows` and `Ingest.submit` do; rows stored before that stay stored
 */
export async function importFile(options: ImportOptions): Promise<ImportCounts> {
  const { signal, onProgress, tally = new ImportTally() } = options;
  const shift = options.shiftTo === undefined ? 0 : options.shiftTo - (await latestTime(options));
  const underWay: Promise<Submitted>[] = [];
  const settleOldest = async (): Promise<void> => {
    const done = await underWay.shift();
    if (!done) return;
    tally.add(done.counts, done.refused);
    for (const skipped of done.skipped) tally.addSkipped(skipped);
    for (const refused of done.refused) await options.onRefused(refused);
  };
  const correlationId = `import-${randomUUID()}`;
  const source = openFile(options, (columns) => {
    // The columns of other tools are known, and most hold what Tidemark does not keep.
    if (isCallLog(options.format)) return;
    tally.unusedColumns = unusedColumns(columns, options.mapping);
    if (tally.unusedColumns.length > 0) options.onUnused?.(tally.unusedColumns);
  });
  const failures: unknown[] = [];
  const note = (error: unknown) => void failures.push(error);
  try {
    for await (const chunk of chunksOf(candidates(source.rows, options, shift))) {
      if (signal?.aborted) break;
      underWay.push(handledLater(submit(chunk, correlationId, options)));
      if (underWay.length === CHUNKS_UNDER_WAY) await settleOldest();
      onProgress?.('rows', source.bytesRead());
    }
  } catch (error) {
    note(error);
  }
  // Chunks that were submitted count, whatever ended the import.
  while (underWay.length > 0) await settleOldest().catch(note);
  if (failures.length > 0) throw failures[0];
  return tally.counts;
}

/** Its rejection is handled when its turn comes; until then Node must not report it as unhandled. */
function handledLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Items in chunks. When the items end in an error, those before it still make a chunk. */
async function* chunksOf<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  try {
    for await (const item of items) {
      chunk.push(item);
      if (chunk.length < CHUNK_ROWS) continue;
      yield chunk;
      chunk = [];
    }
  } catch (error) {
    if (chunk.length > 0) yield chunk;
    throw error;
  }
  if (chunk.length > 0) yield chunk;
}

function openFile(
  { path, format, mapping, delimiter }: ImportOptions,
  onColumns?: (columns: readonly string[]) => void,
) {
  const needed = [...mapping.map.values()];
  return openRows(path, format, { needed, delimiter, ...(onColumns && { onColumns }) });
}

function timeOf(event: Record<string, unknown>): number | undefined {
  return typeof event.occurredAt === 'string' ? parseTimestamp(event.occurredAt) : undefined;
}

/** Reads the whole file and returns its latest time, in microseconds since the epoch. */
async function latestTime(options: ImportOptions): Promise<number> {
  const toEvent = eventOfRow(options.format, options.mapping);
  const source = openFile(options);
  let latest = Number.NEGATIVE_INFINITY;
  let rows = 0;
  for await (const { cells } of source.rows) {
    if (options.signal?.aborted) break;
    const outcome = typeof cells === 'string' ? undefined : toEvent(cells);
    if (outcome && 'event' in outcome) latest = Math.max(latest, timeOf(outcome.event) ?? latest);
    if (++rows % CHUNK_ROWS === 0) options.onProgress?.('times', source.bytesRead());
  }
  if (latest === Number.NEGATIVE_INFINITY) {
    throw new CodedError(
      'invalid_request',
      'the times cannot be shifted: no row has an occurredAt that can be read',
    );
  }
  return latest;
}

/** Every row with its event. @param shift microseconds */
async function* candidates(
  rows: AsyncIterable<ImportRow>,
  options: ImportOptions,
  shift: number,
): AsyncGenerator<Candidate> {
  const toEvent = eventOfRow(options.format, options.mapping);
  const idOf = rowIdsOf(options.path, options.rowIdentity ?? 'content');
  let number = 0;
  for await (const row of rows) {
    number++;
    const outcome = typeof row.cells === 'string' ? { fault: row.cells } : toEvent(row.cells);
    if (!('event' in outcome)) {
      yield { row, ...outcome };
      continue;
    }
    const { event } = outcome;
    // Before times are shifted: the same row has the same id with another shift, and is a conflict.
    event.eventId ??= idOf(event, number);
    const time = shift === 0 ? undefined : timeOf(event);
    if (time !== undefined) event.occurredAt = formatTimestamp(time + shift);
    yield { row, event };
  }
}

interface Submitted {
  counts: ImportCounts;
  refused: RefusedRow[];
  skipped: SkippedRecord[];
}

async function submit(
  chunk: readonly Candidate[],
  correlationId: string,
  { ingest, format, mapping, anyTime = false }: ImportOptions,
): Promise<Submitted> {
  const readable = chunk.filter((candidate) => 'event' in candidate);
  const unreadable = chunk.filter((candidate) => 'fault' in candidate);
  const skipped = chunk.flatMap((candidate) => ('skipped' in candidate ? [candidate.skipped] : []));
  const rows = [...readable, ...unreadable].map(({ row }) => row);
  const { errors, ...counts } = await ingest.submit({
    events: readable.map(({ event }) => event),
    source: 'import',
    correlationId,
    mayIngestFor: () => true,
    arrival: { format, orgId: mapping.set.get('orgId'), skipped },
    rejected: unreadable.map(({ fault }, position) => ({
      index: readable.length + position,
      eventId: null,
      code: 'invalid',
      detail: fault,
    })),
    anyTime,
    maxErrors: chunk.length,
  });
  const refused = errors.flatMap(({ index, code, detail }) => {
    const row = rows[index];
    if (!row) return [];
    // The rows of a call log hold prompts, which are not written anywhere.
    const shown = isCallLog(format) ? {} : { row: row.raw };
    return [{ line: row.line, code, reason: detail, ...shown }];
  });
  return { counts, refused: refused.sort((a, b) => a.line - b.line), skipped };
}
