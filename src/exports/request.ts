import type { LabelName } from '../events/labels.ts';
import type { LabelFilters } from '../queries/reading/alternatives.ts';
import type { TimeRange } from '../queries/reading/time-buckets.ts';

export const datasetNames = ['usage', 'focus', 'events', 'ml', 'sales', 'alerts', 'audit'] as const;
export type DatasetName = (typeof datasetNames)[number];

export const exportFormats = ['csv', 'csv.gz', 'ndjson.gz', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportGranularities = ['hourly', 'daily', 'monthly'] as const;
export type ExportGranularity = (typeof exportGranularities)[number];

export const exportGroupings = ['model', 'client'] as const;
export type ExportGrouping = (typeof exportGroupings)[number] | LabelName;

export const columnSets = ['default', 's2', 'vantage'] as const;

/** A revision of a closed month. */
export interface ClosedMonth {
  /** Its first moment; milliseconds. */
  month: number;
  revision: number;
}

/** The rows of a file of raw events, unless more are asked for, and the most that it can have. */
export const USUAL_EVENTS = 10_000;
export const MOST_EVENTS = 1_000_000;

/** Which raw events a file has: the newest ones that match. */
export interface EventsWanted {
  type?: string;
  clientId?: string;
  status?: string;
  errorCode?: string;
  correlationId?: string;
  /** The most rows. */
  limit: number;
}

/** Where files go: to the host of the worker, or into a bucket. */
export type ExportDelivery = { type: 'local' } | { type: 's3'; bucket: string };

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
  /** What rows of usage are told apart by, besides the bucket; of sales, a label. */
  groupBy: readonly ExportGrouping[];
  /** The values of labels to select; absent: all. */
  labels?: LabelFilters;
  /** Whether a CSV file begins with a byte order mark. */
  bom: boolean;
  /** Whether text cells that a spreadsheet would take for formulas stay as they are. */
  raw: boolean;
  /** Which events; only for the dataset `events`. */
  events: EventsWanted | null;
  delivery: ExportDelivery;
  /** The closed month that the file is of; without it, the file shows the numbers as they are. */
  closed?: ClosedMonth;
}
