import type { TimeRange } from '../queries/reading/time-buckets.ts';

export const datasetNames = ['usage', 'focus'] as const;
export type DatasetName = (typeof datasetNames)[number];

export const exportFormats = ['csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportGranularities = ['hourly', 'daily', 'monthly'] as const;
export type ExportGranularity = (typeof exportGranularities)[number];

export const exportGroupings = ['model', 'client'] as const;
export type ExportGrouping = (typeof exportGroupings)[number];

export const columnSets = ['default', 's2', 'vantage'] as const;

/** What a file holds, and where it goes. Every default is resolved. */
export interface ExportRequest {
  orgId: string;
  dataset: DatasetName;
  /** Milliseconds; half-open. */
  range: TimeRange;
  granularity: ExportGranularity;
  /** IANA zone of the buckets. */
  timezone: string;
  /** The models to select; empty: all. */
  models: readonly string[];
  /** At least one; each becomes a file. */
  formats: readonly ExportFormat[];
  columns: (typeof columnSets)[number];
  /** What rows of usage are told apart by, besides the bucket. */
  groupBy: readonly ExportGrouping[];
  /** Whether a CSV file begins with a byte order mark. */
  bom: boolean;
  /** Whether text cells that a spreadsheet would take for formulas stay as they are. */
  raw: boolean;
  delivery: { type: 'local' };
}
