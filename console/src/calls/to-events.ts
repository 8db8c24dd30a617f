import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useSharedSearch } from '../question/question.ts';
import { rangeText } from '../range/range.ts';
import type { CallFilters } from './filters.ts';

/** Opens the calls of a bucket, with the filters of the page. */
export function useToEvents(filters: CallFilters): (start: number, end: number) => void {
  const navigate = useNavigate();
  const shared = useSharedSearch();
  const { model, client, status, code } = filters;
  return useCallback(
    (start, end) => {
      const search = { ...shared, range: rangeText(start, end), type: 'usage', model, client, status, code };
      void navigate({ to: '/events', search: search as never });
    },
    [navigate, shared, model, client, status, code],
  );
}
