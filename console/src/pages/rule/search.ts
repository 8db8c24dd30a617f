import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const views = ['form', 'yaml'] as const;

export interface RuleSearch extends SharedSearch {
  /** `form` if it is missing. */
  view?: (typeof views)[number];
  /** A new rule begins with this metric, dimension, threshold in the unit of the metric, and window in seconds. */
  metric?: string;
  by?: string;
  above?: number;
  within?: number;
}

export function readRule(search: Record<string, unknown>): RuleSearch {
  const view = oneOf(views, search.view);
  const { metric, by } = search;
  const [above, within] = [numberIn(search.above), numberIn(search.within)];
  return {
    ...readShared(search),
    ...(view !== undefined && { view }),
    ...(typeof metric === 'string' && { metric }),
    ...(typeof by === 'string' && { by }),
    ...(above !== undefined && { above }),
    ...(within !== undefined && { within }),
  };
}

function numberIn(text: unknown): number | undefined {
  const number = typeof text === 'string' || typeof text === 'number' ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
