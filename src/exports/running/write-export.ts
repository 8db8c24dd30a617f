import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { beginSnapshot } from '../../rollups/snapshot.ts';
import type { OpenDataset } from '../dataset.ts';
import { datasets } from '../datasets/catalogue.ts';
import type { Destination } from '../delivery/destination.ts';
import { ExportFailure } from '../failure.ts';
import type { Outcome } from '../jobs/job.ts';
import type { ExportRequest } from '../request.ts';
import { FileWriter } from '../writing/file-writer.ts';
import {
  type ExportFile,
  MANIFEST,
  manifestText,
  type Reconciliation,
  SUMS,
  sumsText,
} from '../writing/manifest.ts';
import type { Written } from '../writing/totals.ts';
import type { ClaimedJob } from './claim-job.ts';
import { ExportFiles, type RowProgress } from './write-rows.ts';

export interface WritingOptions extends RowProgress {
  /** Each export has a transaction of this pool for as long as it reads. */
  pool: Pool;
  destination: Destination;
  /** Folder of the attempt. Nothing is in it yet. */
  folder: string;
  /** Milliseconds since the epoch. */
  now: number;
  version: string;
  /** Who issues the costs. */
  issuer: string;
}

/** Longest pause between two fetches: a destination may be slow. */
const IDLE_LIMIT = '10min';

export interface WrittenExport {
  files: readonly ExportFile[];
  outcome: Outcome;
}

/**
 * Writes the files of a job, their checksums, and last the manifest. All rows are read in one transaction, so they
 * belong to one moment.
 * @throws {ExportFailure} and whatever the database or the destination throws
 */
export function writeExport(options: WritingOptions, job: ClaimedJob): Promise<WrittenExport> {
  return inSnapshot(options.pool, (client) =>
    writeFrom(client, options, job.request, (proof) => writeProof(options, job, proof)),
  );
}

/** Writes the files alone, for whoever needs no proof. @throws as `writeExport` does */
export function writeFiles(options: WritingOptions, request: ExportRequest): Promise<WrittenExport> {
  return inSnapshot(options.pool, (client) => writeFrom(client, options, request, async () => {}));
}

function inSnapshot<T>(pool: Pool, read: (client: PoolClient) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (client) => {
    await beginSnapshot(client, 'read only');
    await client.query(`set local idle_in_transaction_session_timeout = '${IDLE_LIMIT}'`);
    return read(client);
  });
}

async function writeFrom(
  client: PoolClient,
  options: WritingOptions,
  request: ExportRequest,
  prove: (proof: Proof) => Promise<void>,
): Promise<WrittenExport> {
  const { pool, now, signal, issuer } = options;
  const open = await datasets[request.dataset].open({ client, pool, now, issuer }, request);
  const files = new ExportFiles();
  try {
    await files.begin(options, request, open);
    const written = await files.write(client, open, options);
    const reconciliation = await reconcile(open.reconcile, written);
    const finished = await files.finish(written.rows);
    signal.throwIfAborted();
    const rowsMatched = open.rowsMatched ?? written.rows;
    const outcome: Outcome = {
      rowCount: written.rows,
      rowsMatched,
      truncated: rowsMatched > written.rows,
      warnings: [...(open.warnings ?? []), ...warningOfNoRows(request, written)],
      reconciliation,
      completeTo: open.completeTo,
    };
    await prove({ open, written, outcome, files: finished });
    return { files: finished, outcome };
  } catch (error) {
    await files.discard();
    throw error;
  }
}

/** An empty file is valid, but whoever asked for it may have meant another model or time. */
function warningOfNoRows({ models }: ExportRequest, { rows }: Written): string[] {
  if (rows > 0) return [];
  const of = models.length > 0 ? ` of the models ${models.join(', ')}` : '';
  return [`No row${of} matches in this range, so the files have no rows.`];
}

interface Proof {
  open: OpenDataset;
  written: Written;
  outcome: Outcome;
  files: readonly ExportFile[];
}

/** The checksums, and last the manifest. */
async function writeProof(
  { destination, folder, now, version }: WritingOptions,
  { jobId, request, period }: ClaimedJob,
  { open, written, outcome, files }: Proof,
): Promise<void> {
  await writeText(destination, `${folder}/${SUMS}`, sumsText(files));
  const manifest = manifestText({
    ...outcome,
    ...{ jobId, request, period, columns: open.columns, covered: open.covered ?? request.range },
    ...{
      snapshotAt: new Date(now),
      final: open.final ?? false,
      files,
      written,
      version,
      more: open.manifest ?? {},
    },
  });
  await writeText(destination, `${folder}/${MANIFEST}`, manifest);
}

async function reconcile(
  compare: ((written: Written) => Promise<Reconciliation>) | undefined,
  written: Written,
): Promise<Reconciliation | null> {
  if (!compare) return null;
  const reconciliation = await compare(written);
  if (reconciliation.reconciles) return reconciliation;
  const message = `the file does not reconcile with what it was made from: ${JSON.stringify(reconciliation)}`;
  throw new ExportFailure('does_not_reconcile', message, { retryable: false });
}

async function writeText(destination: Destination, path: string, text: string): Promise<void> {
  const upload = await destination.create(path, path.endsWith('.json') ? 'application/json' : 'text/plain');
  const writer = new FileWriter(upload.stream);
  try {
    await writer.write(text);
    await writer.end();
    await upload.finish();
  } catch (error) {
    await writer.destroy();
    await upload.discard();
    throw error;
  }
}
