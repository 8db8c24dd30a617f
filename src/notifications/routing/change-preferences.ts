import type { Pool } from 'pg';
import { type Actor, mayIn } from '../../auth/actor.ts';
import { type AuditEntry, recordAudits } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError, refuseField } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import { checkQuota } from '../../quotas/check-quota.ts';
import type { Limits } from '../../quotas/quota.ts';
import type { Clock } from '../../time.ts';
import type { SlackNames } from '../channels/slack/slack-destinations.ts';
import { checkPreference } from './check-preference.ts';
import {
  findPreference,
  holdPreferences,
  type PreferenceOwner,
  removePreference,
  type StoredPreference,
  savePreference,
} from './preferences.ts';
import { type Addresses, channelsWith, type Preference } from './routing.ts';

export interface PreferenceChangesOptions {
  pool: Pool;
  clock: Clock;
  /** The names of Slack's webhooks; `undefined` where this process cannot know them. */
  slackNames: SlackNames;
  limits: Limits;
  /** Beginnings of the numbers that may get SMS; empty: every number may. */
  smsPrefixes: readonly string[];
}

/** A preference as it is sent. Without `channels` it takes the defaults for its addresses. */
export interface NewPreference extends Addresses {
  channels: Preference['channels'] | undefined;
  quietHours: Preference['quietHours'];
  timezone: string | null;
}

/** Reads a preference. @throws {CodedError} `not_found` */
export async function readPreference(database: Database, owner: PreferenceOwner): Promise<StoredPreference> {
  const preference = await findPreference(database, owner);
  if (preference) return preference;
  throw new CodedError('not_found', `There are no preferences of the ${owner.kind} ${owner.id}.`);
}

/**
 * Sets a preference in place of the one before, and records it in the audit log.
 * @throws {CodedError} `invalid_request`; `quota_exceeded`; `forbidden` for a preference that the actor may not change
 */
export async function setPreference(
  { pool, clock, slackNames, limits, smsPrefixes }: PreferenceChangesOptions,
  owner: PreferenceOwner,
  { channels, quietHours, timezone, ...addresses }: NewPreference,
  caller: Caller,
): Promise<StoredPreference> {
  checkMayChange(caller.actor, owner);
  checkZone('$.quietHours.timezone', quietHours?.timezone);
  checkZone('$.timezone', timezone);
  const wanted = {
    ...owner,
    ...addresses,
    channels: channels ?? channelsWith(addresses),
    quietHours,
    timezone,
  };
  return withTransaction(pool, async (client) => {
    await holdPreferences(client);
    const before = await findPreference(client, owner);
    const isOfAnOrg = owner.orgId !== ALL_ORGS;
    if (!before && isOfAnOrg) {
      await checkQuota(client, limits, { quota: 'preferences', orgId: owner.orgId, more: 1 });
    }
    await checkPreference(client, wanted, { slackNames, smsPrefixes });
    const after = await savePreference(client, wanted, caller.actor.id, new Date(clock.now()));
    const action = 'notification_preference.set';
    await recordAudits(client, clock, [{ ...caller, action, ...auditedOf(owner), before, after }]);
    return after;
  });
}

/**
 * Deletes a preference, and records it in the audit log.
 * @throws {CodedError} `not_found`; `forbidden` for a preference that the actor may not change
 */
export async function deletePreference(
  { pool, clock }: Pick<PreferenceChangesOptions, 'pool' | 'clock'>,
  owner: PreferenceOwner,
  caller: Caller,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await holdPreferences(client);
    const before = await readPreference(client, owner);
    checkMayChange(caller.actor, owner);
    await removePreference(client, owner);
    const action = 'notification_preference.remove';
    await recordAudits(client, clock, [{ ...caller, action, ...auditedOf(owner), before }]);
  });
}

function auditedOf({ orgId, kind, id }: PreferenceOwner): Pick<AuditEntry, 'orgId' | 'subject'> {
  return { orgId, subject: `${kind} ${id}` };
}

/** Actors set their own preference in an org whose alerts they may read. Setting another one needs `alerts:write`. */
function checkMayChange(actor: Actor, { orgId, kind, id }: PreferenceOwner): void {
  const needed = kind === 'user' && id === actor.id ? 'alerts:read' : 'alerts:write';
  if (mayIn(actor, needed, orgId)) return;
  throw new CodedError(
    'forbidden',
    `Changing the preferences of the ${kind} ${id} needs the capability ${needed}.`,
  );
}

function checkZone(path: string, zone: string | null | undefined): void {
  if (zone === null || zone === undefined || isTimeZone(zone)) return;
  throw refuseField(path, EXPECTED_ZONE);
}
