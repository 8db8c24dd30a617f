import { createHash } from 'node:crypto';
import type { Database } from '../database/pool.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { eventTypes } from '../events/catalogue.ts';
import { type DimensionColumn, dimensionColumns } from '../events/columns.ts';
import { dimensionsOf, type Row } from '../events/event-type.ts';
import type { CostSource } from '../events/pricing.ts';

interface NamedDimensions {
  placed: readonly DimensionColumn[];
  later: readonly DimensionColumn[];
}

const dimensionsByType = new Map(
  [...eventTypes].map(([type, definition]): [string, NamedDimensions] => {
    const later = definition.laterDimensions ?? [];
    return [type, { later, placed: dimensionsOf(definition).filter((column) => !later.includes(column)) }];
  }),
);
const NO_DIMENSIONS: NamedDimensions = { placed: [], later: [] };

/** What every event had before the type got the dimension. */
const FORMERLY: Partial<Record<DimensionColumn, string>> = { cost_source: 'given' satisfies CostSource };

/**
 * The name of a row's series: org, type and dimensions. None of them can contain the separator, NUL. Dimensions that the
 * type got later follow by name, where they have a value of their own, and then the labels that are dimensions of the org.
 * @param labels as `DeclaredLabels` gives them
 */
export function seriesNameOf(row: Row, labels?: string): string {
  const { placed, later } = dimensionsByType.get(String(row.type)) ?? NO_DIMENSIONS;
  let name = `${row.org_id}\0${row.type}`;
  for (const column of placed) name += `\0${row[column] ?? ''}`;
  for (const column of later) {
    const value = row[column];
    if (value !== undefined && value !== FORMERLY[column]) name += `\0${column}=${value}`;
  }
  return labels === undefined ? name : `${name}\0labels=${labels}`;
}

/** How the names of all series of an org begin. */
export function seriesNameStart(orgId: string): string {
  return `${orgId}\0`;
}

/** The dimensions of a series that needs its number. */
export interface SeriesDimensions extends Pick<Row, 'org_id' | 'type' | DimensionColumn> {
  /** The labels that are dimensions of the org, as JSON with its keys in order. */
  labels?: string;
}

/** The dimensions of the series of a row. @param labels as `DeclaredLabels` gives them */
export function seriesDimensionsOf(row: Row, labels?: string): SeriesDimensions {
  const { labels: _, ...others } = row;
  return labels === undefined ? others : { ...others, labels };
}

interface NumberedSeries {
  series_key: string;
  series_id: number;
}

const columns = [
  'org_id',
  'type',
  'series_key',
  'platform_series_id',
  ...dimensionColumns,
  'labels',
] as const;
const columnTypes: Readonly<Record<string, string>> = {
  platform_series_id: 'bigint',
  status_code: 'bigint',
  labels: 'jsonb',
};

/**
 * The series for the numbers of all orgs together. It leaves out the client and the labels, since equal names of two orgs
 * have nothing to do with each other. With them there would be as many series as in all orgs.
 */
function platformSeriesOf({ client_id: _, labels: __, ...dimensions }: SeriesDimensions): SeriesDimensions {
  return {
    ...dimensions,
    org_id: ALL_ORGS,
  };
}

/**
 * Returns the number of each series, by its name from `seriesNameOf`, and enters the series that are new. Rollups are
 * stored under these numbers. The number of a series never changes.
 */
export async function enterSeries(
  database: Database,
  named: ReadonlyMap<string, SeriesDimensions>,
): Promise<Map<string, number>> {
  // The series of all orgs together come first, since each series stores the number of its one.
  const platform = new Map<string, SeriesDimensions>();
  const platformNames = new Map<string, string>();
  for (const [name, dimensions] of named) {
    const together = platformSeriesOf(dimensions);
    const platformName = seriesNameOf(together);
    platform.set(platformName, together);
    platformNames.set(name, platformName);
  }
  const platformIds = await giveNumbers(database, platform, () => undefined);
  return giveNumbers(database, named, (name) => platformIds.get(platformNames.get(name) ?? ''));
}

/** Returns the numbers of those series that have one, by their names. Enters none. */
export async function findSeries(
  database: Database,
  named: ReadonlyMap<string, SeriesDimensions>,
): Promise<Map<string, number>> {
  const nameByKey = new Map([...named.keys()].map((name) => [keyOf(name), name]));
  const rows = [...nameByKey].map(([series_key, name]) => ({ ...named.get(name), series_key }));
  const found = await lookUp(database, rows);
  return new Map(found.map((row) => [nameByKey.get(row.series_key) ?? '', row.series_id]));
}

function keyOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

async function giveNumbers(
  database: Database,
  named: ReadonlyMap<string, SeriesDimensions>,
  platformSeriesId: (name: string) => number | undefined,
): Promise<Map<string, number>> {
  const nameByKey = new Map<string, string>();
  const rows = [...named]
    .map(([name, { labels, ...dimensions }], place) => {
      const series_key = keyOf(name);
      nameByKey.set(series_key, name);
      const withLabels = labels === undefined ? {} : { labels: JSON.parse(labels) as unknown };
      return { ...dimensions, ...withLabels, series_key, place, platform_series_id: platformSeriesId(name) };
    })
    // All writers use one order, so that two that enter the same series wait instead of deadlocking.
    .sort((a, b) => (a.series_key < b.series_key ? -1 : 1));
  const entered = await insert(database, rows);
  const known = entered.length === rows.length ? [] : await lookUp(database, rows);
  return new Map([...entered, ...known].map((row) => [nameByKey.get(row.series_key) ?? '', row.series_id]));
}

/**
 * Enters the new series. Most often all are new, and no lookup has to follow. They are numbered in the order in which they
 * were sent, although they are entered in another: the lowest number says which spelling of a name came first.
 */
async function insert(database: Database, rows: readonly object[]): Promise<NumberedSeries[]> {
  const types = columns.map((column) => `${column} ${columnTypes[column] ?? 'text'}`).join(', ');
  const entered = await database.query<NumberedSeries>(
    `with numbers as materialized (
       select place, nextval('analytics.series_series_id_seq') as series_id
       from generate_series(0, $2::int - 1) as place
     )
     insert into analytics.series (series_id, ${columns.join(', ')})
     select n.series_id, ${columns.map((column) => `s.${column}`).join(', ')}
     from json_to_recordset($1::json) as s(place int, ${types}) join numbers n using (place)
     order by s.series_key collate "C"
     on conflict (org_id, type, series_key) do nothing
     returning series_key, series_id`,
    [JSON.stringify(rows), rows.length],
  );
  return entered.rows;
}

async function lookUp(database: Database, rows: readonly object[]): Promise<NumberedSeries[]> {
  const found = await database.query<NumberedSeries>(
    `select s.series_key, s.series_id
     from analytics.series s
     join json_to_recordset($1::json) as w(org_id text, type text, series_key text) using (org_id, type, series_key)`,
    [JSON.stringify(rows)],
  );
  return found.rows;
}
