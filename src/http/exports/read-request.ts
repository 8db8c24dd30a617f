import type { Static } from 'typebox';
import { refuseField } from '../../errors.ts';
import { readTimestamp } from '../../events/field.ts';
import type { Destinations } from '../../exports/delivery/destinations.ts';
import { type LabelWords, labelMisuse } from '../../exports/label-use.ts';
import { type ExportRequest, USUAL_EVENTS } from '../../exports/request.ts';
import type { LabelFilters } from '../../queries/reading/alternatives.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import type { NewExportSchema } from './export-schema.ts';

/** How a body names labels. */
export const bodyWords: LabelWords = {
  groupBy: '$.groupBy',
  grouping: (index) => `$.groupBy[${index}]`,
  labels: '$.labels',
  filter: (key) => `$.labels.${key}`,
};

/** The request that a body makes, with every default resolved. @throws {CodedError} `invalid_request` */
export function readExportRequest(
  orgId: string,
  body: Static<typeof NewExportSchema>,
  destinations: Destinations,
): ExportRequest {
  const { timeRange, timezone = 'UTC' } = body;
  const start = readTime('$.timeRange.start', timeRange.start);
  const end = readTime('$.timeRange.end', timeRange.end);
  if (start >= end) throw refuseField('$.timeRange.start', `must be before the end, ${timeRange.end}`);
  if (!isTimeZone(timezone)) throw refuseField('$.timezone', EXPECTED_ZONE);
  const dataset = body.dataset ?? 'usage';
  if (body.events && dataset !== 'events') throw refuseField('$.events', 'is for the dataset events alone');
  const request: ExportRequest = {
    orgId,
    dataset,
    range: { start, end },
    granularity: body.granularity ?? 'daily',
    timezone,
    models: [...new Set(body.models ?? [])].sort(),
    formats: body.formats ?? ['csv'],
    columns: body.columns ?? 'default',
    groupBy: body.groupBy ?? ['model'],
    ...(body.labels && { labels: labelFiltersOf(body.labels) }),
    bom: body.bom ?? false,
    raw: body.raw ?? false,
    events: dataset === 'events' ? { ...body.events, limit: body.events?.limit ?? USUAL_EVENTS } : null,
    delivery: destinations.choose(body.delivery ?? { type: 'local' }),
  };
  const misuse = labelMisuse(request, bodyWords);
  if (misuse) throw refuseField(misuse.path, misuse.message);
  return request;
}

function labelFiltersOf(labels: Record<string, string>): LabelFilters {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`label.${key}`, value]));
}

function readTime(path: string, text: string): number {
  const read = readTimestamp(text);
  if (typeof read === 'number') return Math.floor(read / 1_000);
  throw refuseField(path, `must be ${read.expected}`);
}
