import { readList, readShared, type SharedSearch } from '../../url/search.ts';

export interface SilencesSearch extends SharedSearch {
  /** `over`: those that have ended. */
  show?: 'over';
  /** `silence`: the form for a new one is open. */
  new?: 'silence';
  /** Fill the form: names of rules, and lines such as `modelId=gpt-4o`. */
  rules?: string;
  labels?: string;
}

export function readSilences(search: Record<string, unknown>): SilencesSearch {
  const { rules, labels } = search;
  return {
    ...readShared(search),
    ...(search.show === 'over' && { show: 'over' as const }),
    ...(search.new === 'silence' && { new: 'silence' as const }),
    ...(typeof rules === 'string' && readList(rules).length > 0 && { rules }),
    ...(typeof labels === 'string' && readList(labels).length > 0 && { labels }),
  };
}
