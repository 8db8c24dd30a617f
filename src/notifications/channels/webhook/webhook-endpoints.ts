import { randomBytes } from 'node:crypto';
import type { Database } from '../../../database/pool.ts';
import { CodedError } from '../../../errors.ts';
import { ALL_ORGS } from '../../../events/all-orgs.ts';
import type { DestinationKind } from '../../notice/notice.ts';
import type { WebhookEndpoint } from './endpoint-for.ts';

/** Bytes of a secret, within the 24 to 64 of Standard Webhooks. */
const SECRET_BYTES = 32;

/** An endpoint without its secret. */
export interface ListedEndpoint {
  orgId: string;
  name: string;
  kind: DestinationKind;
  /** The path of a Teams or Discord address is a secret, so only its beginning is listed. */
  url: string;
  createdAt: string;
  createdBy: string;
}

/** The endpoint of a name and a kind of an org; `null`: of rules over all orgs. */
export async function findEndpoint(
  database: Database,
  orgId: string | null,
  name: string,
  kind: DestinationKind,
): Promise<WebhookEndpoint | undefined> {
  const { rows } = await database.query<WebhookEndpoint>(
    'select url, secret from analytics.webhook_endpoints where org_id = $1 and name = $2 and kind = $3',
    [orgId ?? ALL_ORGS, name, kind],
  );
  return rows[0];
}

/** The endpoints of an org; `ALL_ORGS`: of rules over all orgs. */
export async function listEndpoints(database: Database, orgId: string): Promise<ListedEndpoint[]> {
  const { rows } = await database.query<{
    org_id: string;
    name: string;
    kind: DestinationKind;
    url: string;
    created_at: Date;
    created_by: string;
  }>(
    `select org_id, name, kind, url, created_at, created_by
     from analytics.webhook_endpoints where org_id = $1 order by name`,
    [orgId],
  );
  return rows.map((row) => ({
    orgId: row.org_id,
    name: row.name,
    kind: row.kind,
    url: shownUrl(row.kind, row.url),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  }));
}

/**
 * Creates an endpoint. A webhook gets a new secret, which only this answer ever shows.
 * @throws {CodedError} `conflict` if the name is taken
 */
export async function createEndpoint(
  database: Database,
  endpoint: { orgId: string; name: string; url: string; kind?: DestinationKind; secret?: string },
  by: string,
  now: Date,
): Promise<ListedEndpoint & { secret: string }> {
  const { orgId, name, url, kind = 'webhook' } = endpoint;
  const { secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}` } = endpoint;
  const { rowCount } = await database.query(
    `insert into analytics.webhook_endpoints (org_id, name, url, secret, created_at, created_by, kind)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [orgId, name, url, secret, now, by, kind],
  );
  if (rowCount === 0)
    throw new CodedError(
      'conflict',
      `There is a webhook named ${name} already. Use another name, or remove that webhook first.`,
    );
  return { orgId, name, kind, url: shownUrl(kind, url), secret, createdAt: now.toISOString(), createdBy: by };
}

function shownUrl(kind: DestinationKind, url: string): string {
  return kind === 'webhook' || kind === 'pagerduty' ? url : `${new URL(url).origin}/…`;
}

/** Removes an endpoint. @returns whether it existed */
export async function removeEndpoint(database: Database, orgId: string, name: string): Promise<boolean> {
  const { rowCount } = await database.query(
    'delete from analytics.webhook_endpoints where org_id = $1 and name = $2',
    [orgId, name],
  );
  return rowCount === 1;
}
