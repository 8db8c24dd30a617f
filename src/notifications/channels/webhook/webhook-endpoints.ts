import { randomBytes } from 'node:crypto';
import type { Database } from '../../../database/pool.ts';
import { CodedError } from '../../../errors.ts';
import { ALL_ORGS } from '../../../events/all-orgs.ts';
import type { WebhookEndpoint } from './webhook.ts';

/** Bytes of a secret, within the 24 to 64 of Standard Webhooks. */
const SECRET_BYTES = 32;

/** An endpoint without its secret. */
export interface ListedEndpoint {
  orgId: string;
  name: string;
  url: string;
  createdAt: string;
  createdBy: string;
}

/** The endpoint of that name of an org; `null`: of rules over all orgs. */
export async function findEndpoint(
  database: Database,
  orgId: string | null,
  name: string,
): Promise<WebhookEndpoint | undefined> {
  const { rows } = await database.query<WebhookEndpoint>(
    'select url, secret from analytics.webhook_endpoints where org_id = $1 and name = $2',
    [orgId ?? ALL_ORGS, name],
  );
  return rows[0];
}

/** The endpoints of an org; `ALL_ORGS`: of rules over all orgs. */
export async function listEndpoints(database: Database, orgId: string): Promise<ListedEndpoint[]> {
  const { rows } = await database.query<{
    org_id: string;
    name: string;
    url: string;
    created_at: Date;
    created_by: string;
  }>(
    `select org_id, name, url, created_at, created_by
     from analytics.webhook_endpoints where org_id = $1 order by name`,
    [orgId],
  );
  return rows.map((row) => ({
    orgId: row.org_id,
    name: row.name,
    url: row.url,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  }));
}

/**
 * Creates an endpoint with a new secret. Only this answer ever shows the secret.
 * @throws {CodedError} `conflict` if the name is taken
 */
export async function createEndpoint(
  database: Database,
  endpoint: { orgId: string; name: string; url: string },
  by: string,
  now: Date,
): Promise<ListedEndpoint & { secret: string }> {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  const { orgId, name, url } = endpoint;
  const { rowCount } = await database.query(
    `insert into analytics.webhook_endpoints (org_id, name, url, secret, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [orgId, name, url, secret, now, by],
  );
  if (rowCount === 0)
    throw new CodedError(
      'conflict',
      `There is a webhook named ${name} already. Use another name, or remove that webhook first.`,
    );
  return { ...endpoint, secret, createdAt: now.toISOString(), createdBy: by };
}

/** Removes an endpoint. @returns whether it existed */
export async function removeEndpoint(database: Database, orgId: string, name: string): Promise<boolean> {
  const { rowCount } = await database.query(
    'delete from analytics.webhook_endpoints where org_id = $1 and name = $2',
    [orgId, name],
  );
  return rowCount === 1;
}
