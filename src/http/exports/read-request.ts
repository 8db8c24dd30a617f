import type { Static } from 'typebox';
import { refuseField } from '../../errors.ts';
import { readTimestamp } from '../../events/field.ts';
import { isLabelName, keyOfLabel, type LabelName } from '../../events/labels.ts';
import type { Destinations } from '../../exports/delivery/destinations.ts';
import { type DatasetName, type ExportRequest, USUAL_EVENTS } from '../../exports/request.ts';
import type { LabelFilters } from '../../queries/reading/alternatives.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import type { NamedLabel } from '../../series/label-dimensions.ts';
import type { NewExportSchema } from './export-schema.ts';

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
  checkLabelUse(dataset, body);
  if (body.events && dataset !== 'events') throw refuseField('$.events', 'is for the dataset events alone');
  return {
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
}

/** The labels that a request names, each with its path in the body. */
export function labelsOfRequest({ groupBy, labels = {} }: ExportRequest): NamedLabel[] {
  return [
    ...groupBy.flatMap((name, index) =>
      isLabelName(name) ? [{ name, parameter: `$.groupBy[${index}]` }] : [],
    ),
    ...(Object.keys(labels) as LabelName[]).map((name) => ({
      name,
      parameter: `$.labels.${keyOfLabel(name)}`,
    })),
  ];
}

function labelFiltersOf(labels: Record<string, string>): LabelFilters {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`label.${key}`, value]));
}

/** Refuses labels where a dataset has none. A file without what was asked for would mislead. */
function checkLabelUse(
  dataset: DatasetName,
  { groupBy = [], labels, columns }: Static<typeof NewExportSchema>,
): void {
  const grouped = groupBy.filter(isLabelName).length;
  if (labels && !['usage', 'focus', 'ml', 'sales'].includes(dataset))
    throw refuseField('$.labels', `is for usage, focus, ml and sales, and not for ${dataset}`);
  if (grouped === 0) return;
  if (dataset === 'focus')
    throw refuseField('$.groupBy', 'must not name labels for focus; its column Tags has them');
  if (dataset !== 'usage' && dataset !== 'sales')
    throw refuseField(
      '$.groupBy',
      `must not name labels for ${dataset}; usage and sales can be told apart by them`,
    );
  if (dataset === 'sales' && grouped > 1)
    throw refuseField('$.groupBy', 'must name one label at most for sales');
  if (columns === 's2')
    throw refuseField('$.groupBy', 'must not name labels with the columns s2, which have none');
}

function readTime(path: string, text: string): number {
  const read = readTimestamp(text);
  if (typeof read === 'number') return Math.floor(read / 1_000);
  throw refuseField(path, `must be ${read.expected}`);
}
