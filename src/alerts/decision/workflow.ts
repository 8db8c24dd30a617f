import { type AlertState, isOpen } from './alert-state.ts';
import { endSuppressedBy, type Transition } from './decide.ts';

/** What a person did to an alert. */
export type Act = 'acknowledge' | 'unacknowledge' | 'resolve';

export interface ActOutcome {
  state: AlertState;
  /** What the history calls it. */
  transition: Pick<Transition, 'notice' | 'suppressedBy'> & {
    name: 'acknowledged' | 'unacknowledged' | 'resolved';
  };
}

/**
 * What becomes of a group when a person acts on its open alert. Its condition stays what it is: an acknowledged
 * alert is not repeated, a resolved one is over for people, and opens anew if it is still wrong after the cooldown.
 * @returns `undefined` where there is nothing to do: no open alert, or it stands like that already
 */
export function actOn(
  state: AlertState,
  act: Act,
  now: number,
  silencedUntil: number | null,
): ActOutcome | undefined {
  if (!isOpen(state)) return undefined;
  if (act === 'resolve') {
    const suppressedBy = endSuppressedBy(state, now, silencedUntil);
    return {
      state: { ...state, workflow: 'resolved', owed: false },
      transition: { name: 'resolved', notice: suppressedBy ? null : 'resolved', suppressedBy },
    };
  }
  const [from, to] =
    act === 'acknowledge' ? (['open', 'acknowledged'] as const) : (['acknowledged', 'open'] as const);
  if (state.workflow !== from) return undefined;
  return {
    state: { ...state, workflow: to },
    transition: { name: `${act}d`, notice: null, suppressedBy: null },
  };
}
