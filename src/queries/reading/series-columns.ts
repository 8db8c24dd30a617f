import type { DimensionColumn } from '../../events/columns.ts';
import { isLabelName, keyOfLabel, type LabelName } from '../../events/labels.ts';

/** What numbers can be grouped and filtered by: a dimension of their type, or a label that is a dimension of the org. */
export type SeriesColumn = DimensionColumn | LabelName;

function isLabel(column: SeriesColumn): column is LabelName {
  return isLabelName(column);
}

/** The value of a series `s`, as SQL. A label is part of the text: an index or a plan of it could not be shared anyway. */
export function seriesValueSql(column: SeriesColumn): string {
  return isLabel(column) ? `(s.labels->>'${keyOfLabel(column)}')` : `s.${column}`;
}

/** The name of the value in a row of the answer. */
export function seriesNameSql(column: SeriesColumn): string {
  return isLabel(column) ? `"${column}"` : column;
}

/** The value under its name. */
export function namedSeriesSql(column: SeriesColumn): string {
  return isLabel(column) ? `${seriesValueSql(column)} as ${seriesNameSql(column)}` : seriesValueSql(column);
}
