import { useIsFetching } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { liveInterval, readRange } from '../range/range.ts';
import { readShared } from '../url/search.ts';
import { NowContext } from './now.ts';
import { zoneOf } from './question.ts';

/**
 * Moves the time on while a page is live: often for short ranges, seldom for long ones. It stops while the page is hidden, and
 * for ranges that do not move.
 */
export function NowProvider({ children }: { children: ReactNode }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  const shared = readShared(useSearch({ strict: false }));
  const range = readRange(shared.range, zoneOf(shared), now);
  const isLive = range.isMoving && shared.live !== 'off';
  const interval = liveInterval(range);
  const refresh = useCallback(() => setNow(Date.now()), []);
  const fetching = useRef(0);
  fetching.current = useIsFetching();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a range that is chosen ends at the moment of the choice.
  useEffect(refresh, [refresh, shared.range, shared.org]);

  useEffect(() => {
    if (!isLive) return;
    let last = Date.now();
    const tick = () => {
      // A slow service is not asked again before it has answered.
      if (document.hidden || fetching.current > 0 || Date.now() - last < interval - 500) return;
      last = Date.now();
      setNow(last);
    };
    const timer = setInterval(tick, Math.min(interval, 10_000));
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [isLive, interval]);

  const value = useMemo(() => ({ now, isLive, refresh }), [now, isLive, refresh]);
  return <NowContext value={value}>{children}</NowContext>;
}
