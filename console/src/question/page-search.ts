import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

/** The search parameters of a page with their types: `read` is the function that its route validates them by. */
export function usePageSearch<Search>(read: (search: Record<string, unknown>) => Search): Search {
  const search: Record<string, unknown> = useSearch({ strict: false });
  return useMemo(() => read(search), [read, search]);
}
