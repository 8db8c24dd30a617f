import { readShared, type SharedSearch } from '../../url/search.ts';

export interface AuditSearch extends SharedSearch {
  actor?: string;
  action?: string;
}

export function readAudit(search: Record<string, unknown>): AuditSearch {
  const { actor, action } = search;
  return {
    ...readShared(search),
    ...(typeof actor === 'string' && actor !== '' && { actor }),
    ...(typeof action === 'string' && action !== '' && { action }),
  };
}
