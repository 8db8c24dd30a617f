import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { type Clock, DAY, MINUTE } from '../../time.ts';
import { hashOf } from '../api-key-secret.ts';
import { createAudit } from '../audit.ts';
import type { Caller } from '../caller.ts';
import type { Role } from '../roles.ts';
import { randomToken } from './session-token.ts';
import type { Identity } from './start-session.ts';

/** A link that signs in is valid for this time. */
const LINK_LIFETIME = 10 * MINUTE;

interface Source {
  database: Database;
  clock: Clock;
}

/** Who a link signs in. */
export interface LinkOwner {
  id: string;
  roles: readonly Role[];
  orgs: readonly string[];
}

/** Creates the code of a link that signs one browser in, and records it in the audit log. */
export async function createLoginCode(
  { database, clock }: Source,
  owner: LinkOwner,
  caller: Caller,
): Promise<string> {
  const code = randomToken();
  const now = clock.now();
  await withTransaction(database, async (client) => {
    await client.query('delete from analytics.login_codes where expires_at < $1', [new Date(now - DAY)]);
    await client.query(
      `insert into analytics.login_codes (code_hash, actor_id, roles, orgs, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [hashOf(code), owner.id, owner.roles, owner.orgs, new Date(now), new Date(now + LINK_LIFETIME)],
    );
    await createAudit(
      client,
      clock,
    )({ ...caller, action: 'login_link.create', subject: owner.id, after: owner });
  });
  return code;
}

/** Uses a code up. @throws {CodedError} `unauthenticated` with the reason */
export async function redeemLoginCode({ database, clock }: Source, code: string): Promise<Identity> {
  const now = new Date(clock.now());
  const { rows } = await database.query<{ actor_id: string; roles: Role[]; orgs: string[] }>(
    `update analytics.login_codes set used_at = $2 where code_hash = $1 and used_at is null and expires_at > $2
     returning actor_id, roles, orgs`,
    [hashOf(code), now],
  );
  const [row] = rows;
  if (!row) throw await reasonAgainst(database, code);
  const actor = { id: row.actor_id, roles: row.roles, orgs: row.orgs, via: 'login_link' as const };
  return { actor, name: row.actor_id, grantedAt: now };
}

async function reasonAgainst(database: Database, code: string): Promise<CodedError> {
  const { rows } = await database.query<{ used: boolean }>(
    'select used_at is not null as used from analytics.login_codes where code_hash = $1',
    [hashOf(code)],
  );
  const next = 'Get a new one with the command `npx tidemark login`.';
  const [row] = rows;
  if (!row) return new CodedError('unauthenticated', `The link is not one of this installation. ${next}`);
  return new CodedError(
    'unauthenticated',
    row.used
      ? `The link has been used already; each signs in once. ${next}`
      : `The link has expired; it was valid for ten minutes. ${next}`,
  );
}
