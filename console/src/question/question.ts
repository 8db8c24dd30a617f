import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { type Range, readRange } from '../range/range.ts';
import { browserZone, isZone } from '../range/zone.ts';
import { recall } from '../style/remembered.ts';
import { readShared, type SharedSearch } from '../url/search.ts';
import { useNow } from './now.ts';

/** All orgs together, as the API names them. */
export const ALL_ORGS = '*';

/** What a page asks about: the org, the time and the zone of the address. */
export interface Question {
  org: string;
  range: Range;
  timeZone: string;
  isLive: boolean;
}

/** The zone of the address, else the one that was chosen last, else that of the browser. */
export function zoneOf({ tz }: SharedSearch): string {
  return [tz, recall('zone'), browserZone()].find((zone) => zone !== undefined && isZone(zone)) ?? 'UTC';
}

/** The shared part of the address, whatever the page is. */
export function useSharedSearch(): SharedSearch {
  const search = useSearch({ strict: false });
  return useMemo(() => readShared(search), [search]);
}

/** What the page asks about. The shell shows a page only when the org is known. */
export function useQuestion(): Question {
  const shared = useSharedSearch();
  const { now, isLive } = useNow();
  return useMemo(() => {
    const timeZone = zoneOf(shared);
    const range = readRange(shared.range, timeZone, now);
    return { org: shared.org ?? ALL_ORGS, range, timeZone, isLive };
  }, [shared, now, isLive]);
}

/** The parameters of a question as the API takes them: `start`, `end`, `timezone`. */
export function timeOf({ range, timeZone }: Pick<Question, 'range' | 'timeZone'>) {
  return { start: iso(range.start), end: iso(range.end), timezone: timeZone };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}

/** Changes parameters of the address; `undefined` removes one. The page and its other parameters stay. */
export function useSetSearch(): (
  change: Record<string, string | undefined>,
  options?: { replace?: boolean },
) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, { replace = false } = {}) => {
      void navigate({
        to: '.',
        search: ((before: object) => ({ ...before, ...change })) as never,
        replace,
        resetScroll: false,
      });
    },
    [navigate],
  );
}
