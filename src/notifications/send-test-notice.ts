import { randomUUID } from 'node:crypto';
import type { RecordAudit } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import { CodedError, refuseField } from '../errors.ts';
import { type Clock, SECOND } from '../time.ts';
import { type Channel, DeliveryError } from './channels/channel.ts';
import type { ChannelName, Notice } from './notice/notice.ts';
import { isRecipient, recipientForms } from './routing/recipient.ts';

const TIMEOUT = 10 * SECOND;

export interface TestNoticeOptions {
  channels: ReadonlyMap<ChannelName, Channel>;
  audit: RecordAudit;
  clock: Clock;
}

interface WantedTest {
  channel: ChannelName;
  recipient: string;
  /** The org whose destinations are meant; `null`: those of alerts over all orgs. */
  orgId: string | null;
}

/**
 * Sends one test notice now, after recording it in the audit log.
 * @returns the provider's id of the message, if it gives one
 * @throws {CodedError} `invalid_request` for the recipient, `delivery_failed` with the provider's reason
 */
export async function sendTestNotice(
  { channels, audit, clock }: TestNoticeOptions,
  { channel: name, recipient, orgId }: WantedTest,
  caller: Caller,
): Promise<string | null> {
  const channel = channels.get(name);
  if (!channel) throw new CodedError('delivery_failed', `The channel ${name} is not set up.`);
  if (!isRecipient(name, recipient)) throw refuseField('$.to', `must be ${recipientForms[name].expected}`);
  await audit({
    ...caller,
    action: 'notification.test',
    ...(orgId !== null && { orgId }),
    subject: `${name} ${recipient}`,
  });
  const delivery = {
    id: randomUUID(),
    notice: testNotice(orgId, new Date(clock.now()).toISOString()),
    recipient,
    orgId,
    links: {},
  };
  try {
    const { providerId = null } = await channel.send(delivery, AbortSignal.timeout(TIMEOUT));
    return providerId;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    throw new CodedError('delivery_failed', error.message, { cause: error });
  }
}

/** A notice with example values in every field that a channel shows. */
function testNotice(orgId: string | null, now: string): Notice {
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
    measuredAt: now,
    baseline: null,
    windowSeconds: 300,
    sampleCount: 100,
    startedAt: now,
    at: now,
  };
}
