import { decimalText } from '../../decimal.ts';
import type { ExportRequest } from '../request.ts';
import type { ExportColumn, Written } from './totals.ts';

export const MANIFEST = 'manifest.json';
export const SUMS = 'SHA256SUMS';
/** The content types of the files that prove the others. */
export const proofTypes: Readonly<Record<string, string>> = {
  [MANIFEST]: 'application/json',
  [SUMS]: 'text/plain; charset=utf-8',
};

/** A file of a job that succeeded. */
export interface ExportFile {
  name: string;
  format: string;
  bytes: number;
  /** SHA-256 of the file, in hex. */
  sha256: string;
  rows: number;
}

/** The numbers of a file compared with those that it was made from. Integers, as text. */
export interface Reconciliation {
  /** Whether all of them are equal. A job whose file does not reconcile fails. */
  reconciles: boolean;
  file: Record<string, string>;
  rollups: Record<string, string>;
  /** What the raw events add up to; null where none are kept and no books were made. */
  raw: Record<string, string> | null;
  /** The UTC days whose raw totals come from the books. */
  bookedDays: string[];
}

/** What a manifest is made of. */
export interface ManifestParts {
  jobId: string;
  request: ExportRequest;
  columns: readonly ExportColumn[];
  /** When the rows were read: all of them belong to this moment. */
  snapshotAt: Date;
  completeTo: string;
  covered: { start: number; end: number };
  /** Whether the numbers of the range can no longer change. */
  final: boolean;
  period: string | null;
  files: readonly ExportFile[];
  written: Written;
  rowsMatched: number;
  reconciliation: Reconciliation | null;
  warnings: readonly string[];
  /** What a dataset says beside the usual. */
  more: Readonly<Record<string, unknown>>;
  version: string;
}

/** The manifest as JSON. It is written after every other file, so whoever finds it finds complete files. */
export function manifestText(parts: ManifestParts): string {
  const { request, covered, columns, written, rowsMatched, version } = parts;
  const manifest = {
    jobId: parts.jobId,
    orgId: request.orgId,
    dataset: request.dataset,
    columns: columns.map(({ name, type, scale }) => ({ name, type, ...(scale !== undefined && { scale }) })),
    timeRange: rangeText(request.range),
    covered: rangeText(covered),
    timezone: request.timezone,
    granularity: request.granularity,
    filters: { models: request.models, ...request.events },
    snapshotAt: parts.snapshotAt.toISOString(),
    completeTo: parts.completeTo,
    final: parts.final,
    period: parts.period,
    files: parts.files,
    rowCount: written.rows,
    totals: totalsText(columns, written),
    reconciliation: parts.reconciliation,
    truncated: rowsMatched > written.rows ? { rows: written.rows, matched: rowsMatched } : null,
    formulaProtection: !request.raw,
    warnings: parts.warnings,
    ...parts.more,
    generator: `Tidemark ${version}`,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** For `sha256sum -c`. */
export function sumsText(files: readonly ExportFile[]): string {
  return files.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('');
}

/** Sums as the cells of the file show them. */
function totalsText(columns: readonly ExportColumn[], { totals }: Written): Record<string, string> {
  const scaleOf = new Map(columns.map(({ name, scale = 0 }) => [name, scale]));
  return Object.fromEntries(
    Object.entries(totals).map(([name, sum]) => {
      const scale = scaleOf.get(name) ?? 0;
      return [name, scale === 0 ? sum.toString() : decimalText(sum, scale)];
    }),
  );
}

function rangeText({ start, end }: { start: number; end: number }) {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}
