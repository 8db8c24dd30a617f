import type { NewExport } from './queries.ts';

/** What the form of a new export holds. */
export interface Draft {
  dataset: NonNullable<NewExport['dataset']>;
  time: 'range' | 'month';
  /** `2026-10`. */
  month: string;
  granularity: NonNullable<NewExport['granularity']>;
  formats: NonNullable<NewExport['formats']>;
  models: string;
  byClient: boolean;
}

interface Time {
  /** The range of the page. */
  range: { start: number; end: number };
  timeZone: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Rows of a day begin with the UTC day, so that no bucket is cut. */
const widths: Record<Draft['granularity'], number> = { hourly: HOUR, daily: DAY, monthly: DAY };

/** The request of a draft. A month is a month of UTC, as invoices have it. */
export function exportOf(draft: Draft, { range }: Time): NewExport {
  const { dataset, granularity, formats, byClient } = draft;
  const models = draft.models
    .split(',')
    .map((model) => model.trim())
    .filter(Boolean);
  const isRollup = dataset === 'usage' || dataset === 'focus';
  return {
    dataset,
    timeRange: draft.time === 'month' ? monthOf(draft.month) : wholeBuckets(range, draft),
    ...(isRollup && { granularity }),
    formats,
    ...(models.length > 0 && { models }),
    ...(dataset === 'usage' && byClient && { groupBy: ['model', 'client'] }),
  };
}

/** The buckets that the range touches. Months are widened to whole ones. */
function wholeBuckets(
  { start, end }: Time['range'],
  { granularity, dataset }: Draft,
): NewExport['timeRange'] {
  if (dataset !== 'usage' && dataset !== 'focus') return { start: iso(start), end: iso(end) };
  if (granularity === 'monthly') {
    const [first, last] = [iso(start).slice(0, 7), iso(end - 1).slice(0, 7)];
    return { start: monthOf(first).start, end: monthOf(last).end };
  }
  const width = widths[granularity];
  return { start: iso(Math.floor(start / width) * width), end: iso(Math.ceil(end / width) * width) };
}

function monthOf(month: string): NewExport['timeRange'] {
  const start = new Date(`${month}-01T00:00:00Z`);
  const end = new Date(start);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return { start: start.toISOString(), end: end.toISOString() };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}

/** The month before, which is the one that people export. */
export function lastMonth(now: number): string {
  const month = new Date(now);
  month.setUTCDate(1);
  month.setUTCMonth(month.getUTCMonth() - 1);
  return month.toISOString().slice(0, 7);
}
