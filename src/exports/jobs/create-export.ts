import { createHash, randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { mayIn } from '../../auth/actor.ts';
import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { checkQuota } from '../../quotas/check-quota.ts';
import type { Limits } from '../../quotas/quota.ts';
import type { Clock } from '../../time.ts';
import { datasets } from '../datasets/catalogue.ts';
import type { ExportRequest } from '../request.ts';
import type { ExportJob } from './job.ts';
import { readJob } from './read-jobs.ts';

export interface ExportChanges {
  pool: Pool;
  clock: Clock;
  limits: Limits;
  /** Milliseconds that raw events are kept. */
  rawRetention: number;
  /** Tells the worker of this process at once; others look once a second. */
  onCreated?: () => void;
}

interface NewExport {
  request: ExportRequest;
  /** The same key and request always lead to the same job. */
  idempotencyKey?: string | undefined;
  /** The schedule that asks for it, and the month that it closes. */
  schedule?: { id: string; period: string } | undefined;
}

/**
 * Adds a job that a worker will pick up, or finds the one that was made for the same idempotency key.
 * @throws {CodedError} `invalid_request`, `range_not_kept`, `forbidden`; `conflict` if the key belongs to another
 *   request; `quota_exceeded` if too many jobs of the org wait
 */
export async function createExport(
  { pool, clock, limits, rawRetention, onCreated }: ExportChanges,
  wanted: NewExport,
  caller: Caller,
): Promise<ExportJob> {
  const { request } = wanted;
  const now = clock.now();
  const dataset = datasets[request.dataset];
  if (!mayIn(caller.actor, dataset.capability, request.orgId)) {
    throw new CodedError(
      'forbidden',
      `To export ${request.dataset} you need the capability ${dataset.capability}.`,
    );
  }
  dataset.check(request, now, { rawRetention });
  const created = await withTransaction(pool, async (client) => {
    const earlier = await findByKey(client, wanted);
    if (earlier) return earlier;
    await checkQuota(client, limits, { quota: 'open_exports', orgId: request.orgId, more: 1 });
    const jobId = await insertJob(client, wanted, { caller, now: new Date(now) });
    // Another caller was faster with the same key.
    const job =
      jobId === undefined ? await findByKey(client, wanted) : await readJob(client, request.orgId, jobId);
    if (!job) throw new Error('the job that was just made is not there');
    if (jobId !== undefined) {
      const entry = { ...caller, action: 'export.create' as const, orgId: request.orgId, subject: jobId };
      await createAudit(client, clock)({ ...entry, after: request });
    }
    return job;
  });
  onCreated?.();
  return created;
}

async function insertJob(
  client: PoolClient,
  { request, idempotencyKey, schedule }: NewExport,
  { caller, now }: { caller: Caller; now: Date },
): Promise<string | undefined> {
  const { rows } = await client.query<{ job_id: string }>(
    `insert into analytics.export_jobs
       (job_id, org_id, dataset, request, created_at, not_before, initiated_by, idempotency_key, request_hash,
        schedule_id, period)
     values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)
     on conflict (org_id, idempotency_key) where idempotency_key is not null do nothing
     returning job_id`,
    [
      randomUUID(),
      request.orgId,
      request.dataset,
      JSON.stringify(request),
      now,
      caller.actor.id,
      idempotencyKey ?? null,
      idempotencyKey === undefined ? null : hashOf(request),
      schedule?.id ?? null,
      schedule?.period ?? null,
    ],
  );
  return rows[0]?.job_id;
}

/** @throws {CodedError} `conflict` if the key was used for another request */
async function findByKey(
  client: PoolClient,
  { request, idempotencyKey }: NewExport,
): Promise<ExportJob | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const { rows } = await client.query<{ job_id: string; request_hash: Buffer }>(
    'select job_id, request_hash from analytics.export_jobs where org_id = $1 and idempotency_key = $2',
    [request.orgId, idempotencyKey],
  );
  const [found] = rows;
  if (!found) return undefined;
  if (!found.request_hash.equals(hashOf(request))) {
    const message = `was used for another export, ${found.job_id}; use a new key`;
    throw new CodedError('conflict', `The Idempotency-Key ${message}.`, {
      faults: [{ path: 'Idempotency-Key', message }],
    });
  }
  return readJob(client, request.orgId, found.job_id);
}

/** The hash of a request. Requests are made in one place, so equal ones have their fields in the same order. */
function hashOf(request: ExportRequest): Buffer {
  return createHash('sha256').update(JSON.stringify(request)).digest();
}
