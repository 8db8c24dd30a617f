import type { Group } from '../rules/group.ts';
import type { AlertState } from './alert-state.ts';

/** A group of a rule with its state, as it is stored. */
export interface GroupState {
  key: string;
  group: Group;
  state: AlertState;
  alertId: string | null;
  /** When the open alert fired. */
  startedAt: number | null;
  value: number | null;
  /** The last moment with data, or the last moment at which missing data was wrong. */
  lastSeenAt: number | null;
}
