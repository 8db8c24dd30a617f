import type { AlertNoticeKind } from '../../notifications/notice/notice.ts';

/**
 * What happens to an alert. `told` is the late notice of an alert that fired, or became more severe, while notices were
 * suppressed. `escalated`: it became more severe. `escalation_step`: nobody acknowledged it in time, so the recipients of a
 * step are told.
 */
export type TransitionName =
  | 'firing'
  | 'told'
  | 'still_firing'
  | 'escalated'
  | 'escalation_step'
  | 'acknowledged'
  | 'unacknowledged'
  | 'resolved';

/**
 * Why a transition sends no notice. `untold`: nobody was told that the alert fired, so nobody is told that it ended.
 */
export type Suppression = 'silence' | 'catch_up' | 'untold';

export interface Transition {
  name: TransitionName;
  /** The notice that people get; null: none. */
  notice: AlertNoticeKind | null;
  /** What suppressed the notice; null: nothing did, or the transition has none. */
  suppressedBy: Suppression | null;
}
