import type { PoolClient } from 'pg';
import type { MonthFacts } from '../../notifications/notice/month-facts.ts';
import { monthNotice } from '../../notifications/notice/month-notice.ts';
import type { MonthNoticeKind } from '../../notifications/notice/notice.ts';
import { enqueue } from '../../notifications/outbox/enqueue.ts';
import { BY_PREFERENCE, EVERYBODY } from '../../reserved-names.ts';
import type { ScheduleChannel } from './schedule.ts';

/** A month that fails so often in a row is told. Further failures in that row are not. */
export const TOLD_FAILURE = 2;

/** The notice of a month, and whom the schedule tells. */
export interface MonthTold {
  orgId: string;
  kind: MonthNoticeKind;
  month: MonthFacts;
  notify: readonly ScheduleChannel[];
  at: Date;
}

/** Adds the notices of a month to the outbox. Call it in the transaction that records what they tell. */
export async function tellMonth(client: PoolClient, told: MonthTold): Promise<void> {
  const { orgId, kind, month, notify, at } = told;
  if (notify.length === 0) return;
  await enqueue(client, {
    notice: monthNotice(kind, { orgId, month, at }),
    transitionId: null,
    orgId,
    recipients: notify.map(({ channel, to }) => ({
      channel,
      recipient: to ?? (channel === 'in_app' ? EVERYBODY : BY_PREFERENCE),
    })),
    at,
  });
}
