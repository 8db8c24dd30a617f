import { useState } from 'react';
import { useAct } from '../../alerting/actions.ts';
import { useListKeys } from './list-keys.ts';
import type { Selection } from './selection.ts';

/** What the list does to its alerts, by button and by key. */
export interface ListActing {
  acting: ReturnType<typeof useAct>;
  /** The alerts whose note is being asked for. */
  resolving: readonly string[] | undefined;
  acknowledge: (ids: readonly string[]) => void;
  /** Asks for the note; `resolve` follows with it. */
  askToResolve: (ids: readonly string[]) => void;
  resolve: (note: string) => void;
  stopAsking: () => void;
}

export function useListActing(selection: Selection, mayAct: boolean): ListActing {
  const acting = useAct();
  const [resolving, setResolving] = useState<readonly string[]>();
  const stopAsking = () => setResolving(undefined);
  const acknowledge = (ids: readonly string[]) => {
    if (!mayAct) return;
    acting.mutate({ action: 'acknowledge', ids });
    selection.clear();
  };
  const askToResolve = (ids: readonly string[]) => {
    if (mayAct) setResolving(ids);
  };
  const resolve = (note: string) => {
    if (resolving !== undefined) acting.mutate({ action: 'resolve', ids: resolving, note });
    stopAsking();
    selection.clear();
  };
  useListKeys({ chosen: selection.ids, onAcknowledge: acknowledge, onResolve: askToResolve });
  return { acting, resolving, acknowledge, askToResolve, resolve, stopAsking };
}
