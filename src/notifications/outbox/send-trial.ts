import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { RecordAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { CodedError, refuseField } from '../../errors.ts';
import { type Limits, quotaExceeded } from '../../quotas/quota.ts';
import { secondsLeftOfDay } from '../../quotas/quota-use.ts';
import { spend } from '../../quotas/spend.ts';
import { type Clock, SECOND } from '../../time.ts';
import { type Channel, DeliveryError, type Receipt } from '../channels/channel.ts';
import { QuotaReachedError } from '../channels/metered.ts';
import { faultOfNumber } from '../channels/sms/sms.ts';
import type { ChannelName, Notice } from '../notice/notice.ts';
import { isRecipient, recipientForms } from '../routing/recipient.ts';

const TIMEOUT = 10 * SECOND;

export interface TrialOptions {
  channels: ReadonlyMap<ChannelName, Channel>;
  audit: RecordAudit;
  clock: Clock;
  pool: Pool;
  limits: Limits;
  smsPrefixes: readonly string[];
}

/** A test of one channel with one recipient. */
export interface Trial {
  channel: ChannelName;
  to: string;
  /** The org whose destinations are meant; `null`: those of alerts over all orgs. */
  orgId: string | null;
  caller: Caller;
}

/**
 * Sends one test notice at once, without the outbox, and records it in the audit log first.
 * @throws {CodedError} `invalid_request` for a recipient that the channel cannot reach; `delivery_failed` with the
 *   reason of the provider; `quota_exceeded` when the org has sent as many today as it may
 */
export async function sendTrial(
  options: TrialOptions,
  { channel: name, to, orgId, caller }: Trial,
): Promise<Receipt> {
  const { channels, audit, clock } = options;
  const channel = channels.get(name);
  if (!channel) throw new CodedError('delivery_failed', `${name} is not set up.`);
  if (!isRecipient(name, to)) throw refuseField('$.to', `must be ${recipientForms[name].expected}`);
  const fault = name === 'sms' ? faultOfNumber(to, options.smsPrefixes) : undefined;
  if (fault !== undefined) throw refuseField('$.to', fault);
  if (orgId !== null) await spendTrial(options, orgId);
  await audit({
    ...caller,
    action: 'notification.test',
    ...(orgId !== null && { orgId }),
    subject: `${name} ${to}`,
  });
  const notice = trialNotice(orgId, clock.now());
  try {
    const delivery = { id: randomUUID(), notice, recipient: to, orgId, links: {} };
    return await channel.send(delivery, AbortSignal.timeout(TIMEOUT));
  } catch (error) {
    if (error instanceof QuotaReachedError) {
      throw quotaExceeded(error.quota, options.limits[error.quota], secondsLeftOfDay(clock.now()));
    }
    if (!(error instanceof DeliveryError)) throw error;
    throw new CodedError('delivery_failed', error.message, { cause: error });
  }
}

/** Trials go to any recipient at once, and the operator pays for them: so an org has only so many a day. */
async function spendTrial({ pool, limits, clock }: TrialOptions, orgId: string): Promise<void> {
  const now = clock.now();
  if (await spend(pool, limits, { quota: 'trials_per_day', orgId, now })) return;
  throw quotaExceeded('trials_per_day', limits.trials_per_day, secondsLeftOfDay(now));
}

function trialNotice(orgId: string | null, now: number): Notice {
  const at = new Date(now).toISOString();
  return {
    kind: 'test',
    alertId: randomUUID(),
    configId: randomUUID(),
    orgId,
    severity: 'info',
    reason: 'above_threshold',
    actorId: null,
    note: null,
    name: 'Test of this channel',
    metric: 'usage.error_rate',
    unit: 'ratio',
    type: 'threshold_above',
    threshold: 0.05,
    recoveryThreshold: null,
    group: {},
    value: 0.1,
    measuredAt: at,
    baseline: null,
    windowSeconds: 300,
    sampleCount: 100,
    startedAt: at,
    at,
  };
}
