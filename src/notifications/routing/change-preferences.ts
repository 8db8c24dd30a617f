import type { Pool } from 'pg';
import { type Actor, mayIn } from '../../auth/actor.ts';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError, refuseField } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { EXPECTED_ZONE, isTimeZone } from '../../queries/reading/time-buckets.ts';
import type { Clock } from '../../time.ts';
import { checkPreference } from './check-preference.ts';
import {
  findPreference,
  holdPreferences,
  removePreference,
  type StoredPreference,
  savePreference,
} from './preferences.ts';
import { channelsWith, type Preference } from './routing.ts';

export interface PreferenceChangesOptions {
  pool: Pool;
  clock: Clock;
  /** The names of Slack's webhooks; `undefined` where this process cannot know them. */
  slackNames: readonly string[] | undefined;
}

/** The user or team that a preference belongs to. */
export type PreferenceOwner = Pick<Preference, 'kind' | 'id'>;

type Addresses = Pick<Preference, 'email' | 'phone' | 'slack' | 'webhook'>;

/** A preference as it is sent. Without `channels` it takes the defaults for its addresses. */
export interface NewPreference extends Addresses {
  orgs: string[];
  channels: Preference['channels'] | undefined;
  quietHours: Preference['quietHours'];
}

/** Reads a preference that the actor may see. @throws {CodedError} `not_found` */
export async function readPreference(
  database: Database,
  { kind, id }: PreferenceOwner,
  actor: Actor,
): Promise<StoredPreference> {
  const preference = await findPreference(database, kind, id);
  if (preference && maySee(actor, preference)) return preference;
  throw new CodedError('not_found', `There are no preferences of the ${kind} ${id}.`);
}

/**
 * Sets a preference in place of the one before, and records it in the audit log.
 * @throws {CodedError} `invalid_request`; `forbidden` for a preference that the actor may not change
 */
export async function setPreference(
  { pool, clock, slackNames }: PreferenceChangesOptions,
  owner: PreferenceOwner,
  { orgs, channels, quietHours, ...addresses }: NewPreference,
  caller: Caller,
): Promise<StoredPreference> {
  checkMayChange(caller.actor, owner, orgs);
  checkQuietHours(quietHours);
  const wanted = { ...owner, orgs, ...addresses, channels: channels ?? channelsWith(addresses), quietHours };
  return withTransaction(pool, async (client) => {
    await holdPreferences(client);
    const before = await findPreference(client, owner.kind, owner.id);
    if (before) checkMayChange(caller.actor, owner, before.orgs);
    await checkPreference(client, wanted, slackNames);
    const after = await savePreference(client, wanted, caller.actor.id, new Date(clock.now()));
    const action = 'notification_preference.set';
    await recordAudits(client, clock, [{ ...caller, action, subject: subjectOf(owner), before, after }]);
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
    const before = await readPreference(client, owner, caller.actor);
    checkMayChange(caller.actor, owner, before.orgs);
    await removePreference(client, owner.kind, owner.id);
    const action = 'notification_preference.remove';
    await recordAudits(client, clock, [{ ...caller, action, subject: subjectOf(owner), before }]);
  });
}

function subjectOf({ kind, id }: PreferenceOwner): string {
  return `${kind} ${id}`;
}

function isOwn(actor: Actor, { kind, id }: PreferenceOwner): boolean {
  return kind === 'user' && id === actor.id;
}

function maySee(actor: Actor, preference: StoredPreference): boolean {
  return isOwn(actor, preference) || preference.orgs.some((org) => mayIn(actor, 'alerts:read', org));
}

/** Actors set their own preference. Setting another one needs `alerts:write` in each of its orgs. */
function checkMayChange(actor: Actor, owner: PreferenceOwner, orgs: readonly string[]): void {
  const needed = isOwn(actor, owner) ? 'alerts:read' : 'alerts:write';
  const beyond = orgs.find((org) => !mayIn(actor, needed, org));
  if (beyond === undefined) return;
  const message =
    beyond === ALL_ORGS
      ? 'must name orgs; only an admin may use "*"'
      : `holds ${beyond}, where you lack the capability ${needed}`;
  throw refuseField('$.orgs', message, 'forbidden');
}

function checkQuietHours(quietHours: Preference['quietHours']): void {
  if (!quietHours || isTimeZone(quietHours.timezone)) return;
  throw refuseField('$.quietHours.timezone', EXPECTED_ZONE);
}
