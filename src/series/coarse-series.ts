import type { SeriesDimensions } from './enter-series.ts';

/** Stands for new clients, and new values of labels, of an org that has as many series as it may tell apart. */
export const OTHER = '(other)';

/**
 * The series that counts the events of a new series of such an org: with the same dimensions, but without telling clients
 * and values of labels apart. `undefined` for a series that has neither.
 */
export function coarseSeriesOf(dimensions: SeriesDimensions): SeriesDimensions | undefined {
  const { client_id, labels } = dimensions;
  if (client_id === undefined && labels === undefined) return undefined;
  const coarse = { ...dimensions };
  if (client_id !== undefined) coarse.client_id = OTHER;
  if (labels !== undefined) {
    const keys = Object.keys(JSON.parse(labels) as object);
    coarse.labels = JSON.stringify(Object.fromEntries(keys.map((key) => [key, OTHER])));
  }
  return coarse;
}
