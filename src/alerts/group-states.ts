import type { PoolClient } from 'pg';
import { DAY, HOUR } from '../time.ts';
import { type AlertState, isOpen } from './alert-state.ts';
import { type Group, groupOfKey } from './group.ts';

/** How a group stands, as it is stored. */
export interface GroupState {
  key: string;
  group: Group;
  state: AlertState;
  alertId: string | null;
  /** When the open alert fired. */
  startedAt: number | null;
  value: number | null;
  /** When there was data of it. */
  lastSeenAt: number | null;
}

/** Reads how all groups of a config stand, and keeps people from acting on them until the transaction ends. */
export const readGroupStates = async (
  client: PoolClient,
  configId: string,
): Promise<Map<string, GroupState>> => {
  const { rows } = await client.query<{
    group_key: string;
    state: AlertState;
    alert_id: string | null;
    started_at: Date | null;
    last_value: number | null;
    last_seen_at: Date | null;
  }>(
    `select s.group_key, s.state, s.alert_id, s.last_value, s.last_seen_at,
       (select triggered_at from analytics.alert_history h where h.id = s.alert_id) as started_at
     from analytics.alert_states s where s.config_id = $1
     order by s.group_key for update of s`,
    [configId],
  );
  return new Map(
    rows.map((row) => [
      row.group_key,
      {
        key: row.group_key,
        group: groupOfKey(row.group_key),
        state: row.state,
        alertId: row.alert_id,
        startedAt: row.started_at?.getTime() ?? null,
        value: row.last_value,
        lastSeenAt: row.last_seen_at?.getTime() ?? null,
      },
    ]),
  );
};

/** A group that was last seen so long ago, and is not firing, is forgotten. */
const FORGET_AFTER = DAY;
/** How old what is stored of a quiet group may be. */
const REFRESH_AFTER = HOUR;

/** Whether a group has been gone for so long that nothing is to be said of it. An open alert is kept. */
export const isForgotten = ({ state, lastSeenAt }: GroupState, windowMs: number, now: number): boolean =>
  lastSeenAt !== null && now - lastSeenAt > Math.max(FORGET_AFTER, 10 * windowMs) && !isOpen(state);

/** Whether it is worth a write: quiet groups are thousands, and nothing changes about them. */
export const isWorthWriting = (before: GroupState | undefined, after: GroupState, now: number): boolean =>
  before === undefined ||
  after.state.condition !== 'normal' ||
  JSON.stringify(before.state) !== JSON.stringify(after.state) ||
  before.alertId !== after.alertId ||
  now - (before.lastSeenAt ?? 0) > REFRESH_AFTER;

/** Writes how groups stand, and removes those that are forgotten. */
export const writeGroupStates = async (
  client: PoolClient,
  configId: string,
  states: readonly GroupState[],
  forgotten: readonly string[],
  now: number,
): Promise<void> => {
  if (states.length > 0) {
    await client.query(
      `insert into analytics.alert_states as s
         (config_id, group_key, condition, health, state, alert_id, last_value, last_seen_at, evaluated_at)
       select $1, r.group_key, r.state ->> 'condition', r.state ->> 'health', r.state, r.alert_id, r.value,
         r.last_seen_at, $3
       from jsonb_to_recordset($2::jsonb) as r (group_key text, state jsonb, alert_id uuid, value float8,
         last_seen_at timestamptz)
       on conflict (config_id, group_key) do update set
         condition = excluded.condition, health = excluded.health, state = excluded.state,
         alert_id = excluded.alert_id, last_value = excluded.last_value, last_seen_at = excluded.last_seen_at,
         evaluated_at = excluded.evaluated_at`,
      [
        configId,
        JSON.stringify(
          states.map(({ key, state, alertId, value, lastSeenAt }) => ({
            group_key: key,
            state,
            alert_id: alertId,
            value,
            last_seen_at: lastSeenAt === null ? null : new Date(lastSeenAt),
          })),
        ),
        new Date(now),
      ],
    );
  }
  if (forgotten.length > 0) {
    await client.query(
      'delete from analytics.alert_states where config_id = $1 and group_key = any($2::text[])',
      [configId, forgotten],
    );
  }
};
