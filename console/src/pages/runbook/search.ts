import { readShared, type SharedSearch } from '../../url/search.ts';

interface RunbookSearch extends SharedSearch {
  /** The anchor of a section. */
  section?: string;
}

export function readRunbook(search: Record<string, unknown>): RunbookSearch {
  return { ...readShared(search), ...(typeof search.section === 'string' && { section: search.section }) };
}
