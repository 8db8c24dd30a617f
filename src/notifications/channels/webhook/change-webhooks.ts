import type { Pool } from 'pg';
import { recordAudits } from '../../../auth/audit.ts';
import type { Caller } from '../../../auth/caller.ts';
import { withTransaction } from '../../../database/pool.ts';
import { CodedError, refuseField } from '../../../errors.ts';
import { ALL_ORGS } from '../../../events/all-orgs.ts';
import { checkQuota } from '../../../quotas/check-quota.ts';
import type { Limits } from '../../../quotas/quota.ts';
import { BY_PREFERENCE } from '../../../reserved-names.ts';
import type { Clock } from '../../../time.ts';
import type { DestinationKind } from '../../notice/notice.ts';
import { privateAddressIn } from '../public-address.ts';
import { createEndpoint, type ListedEndpoint, removeEndpoint } from './webhook-endpoints.ts';

export interface WebhookChangesOptions {
  pool: Pool;
  clock: Clock;
  /** Private addresses that webhooks may reach. */
  outboundAllow: readonly string[];
  limits: Limits;
}

/**
 * Adds a destination, and records it in the audit log. A webhook gets a new secret, which only this answer holds.
 * @throws {CodedError} `invalid_request` for its URL, `conflict` when the org has one of that name, `quota_exceeded`
 */
export async function addWebhook(
  { pool, clock, outboundAllow, limits }: WebhookChangesOptions,
  wanted: NewDestination,
  caller: Caller,
): Promise<ListedEndpoint & { secret: string | null }> {
  checkName(wanted.name);
  const { kind, ...endpoint } = endpointOf(wanted);
  checkUrl(endpoint.url, outboundAllow);
  return withTransaction(pool, async (client) => {
    // Only admins add webhooks of all orgs together.
    const more = wanted.orgId === ALL_ORGS ? 0 : 1;
    await checkQuota(client, limits, { quota: 'webhooks', orgId: wanted.orgId, more });
    const now = new Date(clock.now());
    const { secret, ...after } = await createEndpoint(client, { ...endpoint, kind }, caller.actor.id, now);
    await recordAudits(client, clock, [
      { ...caller, action: 'webhook.create', orgId: wanted.orgId, subject: after.name, after },
    ]);
    return { ...after, secret: kind === 'webhook' ? secret : null };
  });
}

/** Removes a webhook, and records it in the audit log. @throws {CodedError} `not_found` */
export async function removeWebhook(
  { pool, clock }: Pick<WebhookChangesOptions, 'pool' | 'clock'>,
  { orgId, name }: { orgId: string; name: string },
  caller: Caller,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    if (!(await removeEndpoint(client, orgId, name))) {
      throw new CodedError('not_found', `There is no webhook named ${name}.`);
    }
    await recordAudits(client, clock, [{ ...caller, action: 'webhook.remove', orgId, subject: name }]);
  });
}

/** A destination as a caller enters it. */
interface NewDestination {
  orgId: string;
  name: string;
  kind: DestinationKind;
  /** Absent for PagerDuty: its address in the US. */
  url?: string | undefined;
  /** The integration key of a PagerDuty service. */
  routingKey?: string | undefined;
}

const PAGERDUTY = 'https://events.pagerduty.com/v2/enqueue';

function endpointOf({ routingKey, ...wanted }: NewDestination) {
  const { kind, url = kind === 'pagerduty' ? PAGERDUTY : undefined } = wanted;
  if (url === undefined) throw refuseField('$.url', `is required for ${kind}`);
  if (kind !== 'pagerduty') {
    if (routingKey !== undefined) throw refuseField('$.routingKey', 'is allowed only for pagerduty');
    return { ...wanted, url, ...(kind !== 'webhook' && { secret: '' }) };
  }
  if (routingKey === undefined || !/^[A-Za-z0-9]{32}$/.test(routingKey)) {
    throw refuseField(
      '$.routingKey',
      'must be the integration key of a PagerDuty service: 32 letters and digits',
    );
  }
  return { ...wanted, url, secret: routingKey };
}

function checkName(name: string): void {
  if (name !== BY_PREFERENCE) return;
  throw refuseField('$.name', `must be another name: "${name}" stands for the webhooks of the preferences`);
}

/** Whether a URL holds a user or a password. */
function isSigned({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

function checkUrl(url: string, outboundAllow: readonly string[]): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['https:', 'http:'].includes(parsed.protocol) || isSigned(parsed)) {
    const message = 'must be a URL that starts with https:// or http://, without a user or password';
    throw refuseField('$.url', message);
  }
  const address = privateAddressIn(url, outboundAllow);
  if (address === undefined) return;
  throw refuseField(
    '$.url',
    `must be a public address; ${address} is private, and the setting OUTBOUND_ALLOW does not allow it`,
  );
}
