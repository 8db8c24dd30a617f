import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const views = ['form', 'yaml'] as const;

export interface RuleSearch extends SharedSearch {
  /** `form` if it is missing. */
  view?: (typeof views)[number];
}

export function readRule(search: Record<string, unknown>): RuleSearch {
  const view = oneOf(views, search.view);
  return { ...readShared(search), ...(view !== undefined && { view }) };
}
