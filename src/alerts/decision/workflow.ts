import { type AlertState, isOpen } from './alert-state.ts';
import { endSuppressedBy } from './notify.ts';
import type { Transition } from './transition.ts';

/** What a person can do to an alert. */
export type Act = 'acknowledge' | 'unacknowledge' | 'resolve';

/**
 * Decides what a person's act makes of the open alert of a group. The condition does not change: an acknowledged alert
 * is not repeated. A resolved alert is over for people, and opens anew if the value is still wrong after the cooldown.
 * @returns `undefined` if there is nothing to do: no alert is open, or the act has been done already
 */
export function actOn(
  state: AlertState,
  act: Act,
  now: number,
  silencedUntil: number | null,
): { state: AlertState; transition: Transition } | undefined {
  if (!isOpen(state)) return undefined;
  if (act === 'resolve') {
    const suppressedBy = endSuppressedBy(state, now, silencedUntil);
    return {
      state: { ...state, workflow: 'resolved', owed: false, endedAt: now, unacknowledgedSince: null },
      transition: { name: 'resolved', notice: suppressedBy ? null : 'resolved', suppressedBy },
    };
  }
  const [from, to] =
    act === 'acknowledge' ? (['open', 'acknowledged'] as const) : (['acknowledged', 'open'] as const);
  if (state.workflow !== from) return undefined;
  // The others who were told learn of it, so that nobody starts what somebody is doing already.
  const suppressedBy = endSuppressedBy(state, now, silencedUntil);
  const isOpenAgain = act === 'unacknowledge' && state.told;
  return {
    state: {
      ...state,
      workflow: to,
      unacknowledgedSince: isOpenAgain ? now : null,
      // That it is open again says that it fires; it is repeated no sooner than after any such notice.
      toldAt: isOpenAgain && suppressedBy === null ? now : state.toldAt,
    },
    transition: { name: `${act}d`, notice: suppressedBy ? null : `${act}d`, suppressedBy },
  };
}
