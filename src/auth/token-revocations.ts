import { type Database, withTransaction } from '../database/pool.ts';
import { CodedError } from '../errors.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { isStorable } from '../plain-text.ts';
import type { Clock } from '../time.ts';
import { createAudit } from './audit.ts';
import type { Caller } from './caller.ts';

/** Tokens that are ended together: those of a subject, or those that name an org. */
export interface TokenOwner {
  kind: 'subject' | 'org';
  name: string;
}

/** The tokens of an owner that were issued up to a moment are revoked. */
export interface TokenRevocation extends TokenOwner {
  issuedUpTo: Date;
  revokedBy: string;
}

/**
 * Revokes all tokens of a subject or an org that were issued up to now, and records it in the audit log. Every process
 * refuses them within seconds. API keys are not tokens, and go on.
 * @throws {CodedError} `invalid_request` when the name cannot be one
 */
export async function revokeTokens(
  { database, clock }: { database: Database; clock: Clock },
  { kind, name }: TokenOwner,
  caller: Caller,
): Promise<TokenRevocation> {
  if (name.trim() === '' || name.length > 200 || !isStorable(name) || name === ALL_ORGS) {
    throw new CodedError('invalid_request', `${JSON.stringify(name)} is not the name of ${articleOf(kind)}.`);
  }
  const revocation = { kind, name, issuedUpTo: new Date(clock.now()), revokedBy: caller.actor.id };
  await withTransaction(database, async (client) => {
    await client.query(
      `insert into analytics.token_revocations as t (kind, name, issued_up_to, revoked_by) values ($1, $2, $3, $4)
       on conflict (kind, name) do update
       set issued_up_to = greatest(t.issued_up_to, excluded.issued_up_to), revoked_by = excluded.revoked_by`,
      [kind, name, revocation.issuedUpTo, revocation.revokedBy],
    );
    await createAudit(
      client,
      clock,
    )({
      ...caller,
      action: 'tokens.revoke',
      subject: name,
      after: { kind, issuedUpTo: revocation.issuedUpTo },
      ...(kind === 'org' && { orgId: name }),
    });
  });
  return revocation;
}

/** All revocations, the latest first. */
export async function listTokenRevocations(database: Database): Promise<TokenRevocation[]> {
  const { rows } = await database.query<{
    kind: TokenOwner['kind'];
    name: string;
    issued_up_to: Date;
    revoked_by: string;
  }>(
    `select kind, name, issued_up_to, revoked_by from analytics.token_revocations
     order by issued_up_to desc, kind, name`,
  );
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    issuedUpTo: row.issued_up_to,
    revokedBy: row.revoked_by,
  }));
}

function articleOf(kind: TokenOwner['kind']): string {
  return kind === 'org' ? 'an org' : 'a subject';
}
