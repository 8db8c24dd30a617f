import type { Database } from '../../database/pool.ts';
import { type ChannelName, channelNames } from '../../notifications/notice/notice.ts';
import { SECOND } from '../../time.ts';
import { momentaryObservation } from '../decision/observation.ts';
import { keyOfGroup } from '../rules/group.ts';
import { earliestDue, evaluationLag } from './evaluation-lag.ts';
import type { Observations, Occasion } from './rollups.ts';

/** Attempts in vain after which a notice counts as failed, though it is tried again for a day. */
const VAIN_ATTEMPTS = 3;

/** Since when the oldest has been due. One that failed is due when it is tried again. */
const OLDEST = `
  select min(not_before) as since from analytics.notification_outbox
  where status in ('waiting', 'leased') and not_before <= $1`;

/**
 * What failed within the window, by channel. The notices of built-in rules are left out: that of a failing channel
 * would keep itself firing.
 */
const FAILED = `
  select o.channel, count(*) as failed
  from analytics.notification_outbox o
  where coalesce(o.died_at, o.not_before) > $1
    and (o.status = 'dead' or o.status in ('waiting', 'leased') and o.failure is not null and o.attempts >= $2)
    and not exists (
      select from analytics.alert_history h join analytics.alert_configs c on c.id = h.config_id
      where h.id = o.alert_id and c.built_in is not null)
  group by o.channel`;

/** How the service does: numbers of this moment, read from its own tables. */
export async function observeService(database: Database, occasion: Occasion): Promise<Observations> {
  const { metric, now } = occasion;
  if (metric.part === 'failed_notices') return observeFailed(database, occasion);
  const value =
    metric.part === 'evaluation_lag_seconds'
      ? evaluationLag(await earliestDue(database, { builtIn: false }), now)
      : await oldestUnsent(database, now);
  return observations([[{}, value]]);
}

async function oldestUnsent(database: Database, now: number): Promise<number> {
  const { rows } = await database.query<{ since: Date | null }>(OLDEST, [new Date(now)]);
  return (now - (rows[0]?.since?.getTime() ?? now)) / SECOND;
}

async function observeFailed(database: Database, { rule, now }: Occasion): Promise<Observations> {
  const since = new Date(now - rule.windowSeconds * SECOND);
  const { rows } = await database.query<{ channel: ChannelName; failed: number }>(FAILED, [
    since,
    VAIN_ATTEMPTS,
  ]);
  const failed = new Map(rows.map((row) => [row.channel, row.failed]));
  const channels = channelNames.filter((name) => (rule.filters.channel ?? name) === name);
  const counts = channels.map((channel) => failed.get(channel) ?? 0);
  return rule.groupBy.includes('channel')
    ? observations(channels.map((channel, index) => [{ channel }, counts[index] ?? 0]))
    : observations([[{}, counts.reduce((sum, count) => sum + count, 0)]]);
}

function observations(
  values: readonly (readonly [group: Record<string, string>, value: number])[],
): Observations {
  return new Map(
    values.map(([group, value]) => [keyOfGroup(group), { group, observation: momentaryObservation(value) }]),
  );
}
