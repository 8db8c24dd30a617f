import { useCallback, useMemo, useState } from 'react';

export interface Selection {
  /** Chosen alerts that are still listed, in the order of the list. */
  ids: readonly string[];
  has: (id: string) => boolean;
  set: (ids: readonly string[], isChosen: boolean) => void;
  clear: () => void;
}

/** Which of the listed alerts are chosen. What leaves the list is no longer chosen. */
export function useSelection(listed: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = useMemo(() => listed.filter((id) => chosen.has(id)), [listed, chosen]);
  const set = useCallback((changed: readonly string[], isChosen: boolean) => {
    setChosen((before) => {
      const after = new Set(before);
      for (const id of changed) isChosen ? after.add(id) : after.delete(id);
      return after;
    });
  }, []);
  const clear = useCallback(() => setChosen(new Set()), []);
  return { ids, has: (id) => chosen.has(id), set, clear };
}
