import type { PoolClient } from 'pg';
import { DAY, HOUR, SECOND } from '../../time.ts';
import { type AlertState, isCooling, isOpen, storedState } from '../decision/alert-state.ts';
import type { GroupState } from '../decision/group-state.ts';
import { nextStepAt } from '../decision/next-step.ts';
import { groupOfKey } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';

/** Reads the states of all groups of a config. Nobody can act on its alerts until the transaction ends. */
export async function readGroupStates(
  client: PoolClient,
  configId: string,
): Promise<Map<string, GroupState>> {
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
        state: storedState(row.state),
        alertId: row.alert_id,
        startedAt: row.started_at?.getTime() ?? null,
        value: row.last_value,
        lastSeenAt: row.last_seen_at?.getTime() ?? null,
      },
    ]),
  );
}

/** A group without data for this long is forgotten. */
const FORGET_AFTER = DAY;
/** A group that is not normal is kept for longer than any `for` or cooldown, so that missing data restarts neither. */
const FORGET_UNSETTLED_AFTER = 31 * DAY;
/** The row of an unchanged group is written again after this time. */
const REFRESH_AFTER = HOUR;

/** A group that has learned a new normal would have to learn it again. */
function isSettled({ condition, workflow, normal }: AlertState): boolean {
  return condition === 'normal' && workflow === 'none' && normal === null;
}

/** Whether a group is idle: it is normal, has no alert, and its cooldown is over. */
export function isAtRest({ state }: Pick<GroupState, 'state'>, rule: Rule, now: number): boolean {
  return isSettled(state) && !isCooling(state, rule, now);
}

/** Whether a group has had no data for so long that it is dropped. An open alert and a cooldown are kept. */
export function isForgotten(
  { state, lastSeenAt }: Pick<GroupState, 'state' | 'lastSeenAt'>,
  rule: Rule,
  now: number,
): boolean {
  if (lastSeenAt === null || isOpen(state) || isCooling(state, rule, now)) return false;
  const settled = Math.max(FORGET_AFTER, 10 * rule.windowSeconds * SECOND);
  return now - lastSeenAt > (isSettled(state) ? settled : FORGET_UNSETTLED_AFTER);
}

/** Whether a group has to be written. There can be thousands of quiet groups, and their state does not change. */
export function isWorthWriting(before: GroupState | undefined, after: GroupState): boolean {
  return (
    before === undefined ||
    JSON.stringify(before.state) !== JSON.stringify(after.state) ||
    (after.state.condition !== 'normal' && before.value !== after.value) ||
    before.alertId !== after.alertId ||
    (after.lastSeenAt ?? 0) - (before.lastSeenAt ?? 0) > REFRESH_AFTER
  );
}

/** Writes the changed groups and removes the forgotten ones. */
export async function writeGroupStates(
  client: PoolClient,
  { configId, rule }: { configId: string; rule: Rule },
  { changed, forgotten }: { changed: readonly GroupState[]; forgotten: readonly string[] },
  now: number,
): Promise<void> {
  if (changed.length > 0) {
    await client.query(
      `insert into analytics.alert_states as s
         (config_id, group_key, condition, health, state, alert_id, last_value, last_seen_at, escalates_at, evaluated_at)
       select $1, r.group_key, r.state ->> 'condition', r.state ->> 'health', r.state, r.alert_id, r.value,
         r.last_seen_at, r.escalates_at, $3
       from jsonb_to_recordset($2::jsonb) as r (group_key text, state jsonb, alert_id uuid, value float8,
         last_seen_at timestamptz, escalates_at timestamptz)
       on conflict (config_id, group_key) do update set
         condition = excluded.condition, health = excluded.health, state = excluded.state,
         alert_id = excluded.alert_id, last_value = excluded.last_value, last_seen_at = excluded.last_seen_at,
         escalates_at = excluded.escalates_at, evaluated_at = excluded.evaluated_at`,
      [
        configId,
        JSON.stringify(
          changed.map(({ key, state, alertId, value, lastSeenAt }) => ({
            group_key: key,
            state,
            alert_id: alertId,
            value,
            last_seen_at: dateOrNull(lastSeenAt),
            escalates_at: dateOrNull(nextStepAt(rule, state)),
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
}

function dateOrNull(millis: number | null): Date | null {
  return millis === null ? null : new Date(millis);
}
