import { useCallback } from 'react';
import { rangeText } from '../range/range.ts';
import { useSetSearch, useSharedSearch } from './question.ts';

/** The ranges that brushes have left, the last at the end. */
const left: (string | undefined)[] = [];

/** Shows the time that a chart is brushed over, and leads back. */
export function useZoom(): { zoom: (start: number, end: number) => void; back: () => void } {
  const setSearch = useSetSearch();
  const { range } = useSharedSearch();
  const zoom = useCallback(
    (start: number, end: number) => {
      left.push(range);
      setSearch({ range: rangeText(start, end) });
    },
    [range, setSearch],
  );
  const back = useCallback(() => {
    if (left.length > 0) setSearch({ range: left.pop() });
  }, [setSearch]);
  return { zoom, back };
}
