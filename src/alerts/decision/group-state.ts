import type { Group } from '../rules/group.ts';
import type { AlertState } from './alert-state.ts';

/** How a group stands, as it is stored. */
export interface GroupState {
  key: string;
  group: Group;
  state: AlertState;
  alertId: string | null;
  /** When the open alert fired. */
  startedAt: number | null;
  value: number | null;
  /** When there was data of it, or it was wrong that there was none. */
  lastSeenAt: number | null;
}
