import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Destinations } from '../../src/exports/delivery/destinations.ts';
import { cancelExport } from '../../src/exports/jobs/cancel-export.ts';
import { claimJob } from '../../src/exports/running/claim-job.ts';
import { systemClock } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { useFolder } from '../support/exports/exports.ts';
import {
  askFor,
  destinationsOf,
  endLease,
  exportWorker,
  jobOf,
  makeDue,
} from '../support/exports/workers.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const folder = await useFolder();
const program = fileURLToPath(new URL('../support/exports/dying-worker.ts', import.meta.url));
const caller = {
  actor: { id: 'ada', roles: [], orgs: [], via: 'jwt' as const },
  route: 'test',
  requestId: 'test',
};
const EVENTS = 300;

beforeAll(async () => {
  await ingestion.store(...Array.from({ length: EVENTS }, () => makeUsage()));
});

/** Every file of a job is there, and as its manifest says; nothing else is. */
async function expectComplete(jobId: string): Promise<void> {
  const { attempt, files } = await jobOf(database.pool, jobId);
  expect(await readdir(join(folder, jobId))).toEqual([String(attempt)]);
  const place = join(folder, jobId, String(attempt));
  const names = files.map(({ name }) => name);
  expect((await readdir(place)).sort()).toEqual([...names, 'SHA256SUMS', 'manifest.json'].sort());
  const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({ jobId, rowCount: EVENTS, files });
  for (const { name, sha256 } of files) {
    const bytes = await readFile(join(place, name));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
}

describe('a worker that is killed', () => {
  test.each(['claimed', 'writing', 'one-file', 'no-manifest', 'uploaded'])(
    'when it is at %s: another one does the job, and nothing is there twice',
    async (step) => {
      const jobId = await askFor(database.pool);
      const child = spawn(process.execPath, [program, database.url, folder, step], { stdio: 'ignore' });
      expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
      expect(await jobOf(database.pool, jobId)).toMatchObject({ status: 'running', attempt: 1 });
      const next = exportWorker(database.pool, folder);
      // Its lease still runs.
      expect(await next.writeNext()).toBe(false);
      await endLease(database.pool, jobId);
      expect(await next.writeNext()).toBe(true);
      expect(await jobOf(database.pool, jobId)).toMatchObject({
        status: 'succeeded',
        attempt: 2,
        error: null,
      });
      await expectComplete(jobId);
    },
  );

  test('three times: the job fails, and says why', async () => {
    const jobId = await askFor(database.pool);
    const terms = { workerId: crypto.randomUUID(), lease: 30_000, mostOfOrg: 1 };
    for (const attempt of [1, 2, 3]) {
      expect(await claimJob(database.pool, terms)).toMatchObject({ jobId, attempt });
      await endLease(database.pool, jobId);
    }
    expect(await claimJob(database.pool, terms)).toBeUndefined();
    expect(await jobOf(database.pool, jobId)).toMatchObject({
      status: 'failed',
      error: { code: 'worker_lost' },
    });
  });
});

/** Destinations whose files stop growing until the test lets them. */
function held(): { destinations: Destinations; reached: Promise<void>; letGo(): void } {
  const local = destinationsOf({ EXPORT_DIR: folder });
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const of: Destinations['of'] = (delivery) => {
    const destination = local.of(delivery);
    return {
      ...destination,
      async create(path, contentType) {
        reached.resolve();
        await gate.promise;
        return destination.create(path, contentType);
      },
    };
  };
  return { destinations: { choose: local.choose, of }, reached: reached.promise, letGo: gate.resolve };
}

test('a worker that lost its job to another one leaves no trace', async () => {
  const jobId = await askFor(database.pool);
  const { destinations, reached, letGo } = held();
  const slow = exportWorker(database.pool, folder, { destinations }).writeNext();
  await reached;
  await endLease(database.pool, jobId);
  expect(await exportWorker(database.pool, folder).writeNext()).toBe(true);
  letGo();
  await slow;
  expect(await jobOf(database.pool, jobId)).toMatchObject({ status: 'succeeded', attempt: 2 });
  await expectComplete(jobId);
});

test('an export that is cancelled while it is written ends, and leaves no file', async () => {
  const jobId = await askFor(database.pool);
  const { destinations, reached, letGo } = held();
  const writing = exportWorker(database.pool, folder, { destinations }).writeNext();
  await reached;
  await cancelExport({ pool: database.pool, clock: systemClock }, { orgId: 'acme', jobId }, caller);
  letGo();
  await writing;
  expect(await jobOf(database.pool, jobId)).toMatchObject({ status: 'cancelled', error: null });
  expect(await readdir(join(folder, jobId)).catch(() => [])).toEqual([]);
});

test('of a waiting export that is cancelled nothing is written', async () => {
  const jobId = await askFor(database.pool);
  await cancelExport({ pool: database.pool, clock: systemClock }, { orgId: 'acme', jobId }, caller);
  expect(await exportWorker(database.pool, folder).writeNext()).toBe(false);
  expect(await jobOf(database.pool, jobId)).toMatchObject({ status: 'cancelled' });
});

test('two workers that claim at the same moment get two jobs', async () => {
  const jobs = [await askFor(database.pool), await askFor(database.pool, { orgId: 'other' })];
  const claim = () => claimJob(database.pool, { workerId: crypto.randomUUID(), lease: 30_000, mostOfOrg: 1 });
  const claimed = await Promise.all([claim(), claim(), claim()]);
  expect(claimed.flatMap((job) => job?.jobId ?? []).sort()).toEqual([...jobs].sort());
  await database.pool.query('delete from analytics.export_jobs where job_id = any($1::uuid[])', [jobs]);
});

test('an org with many jobs lets others go first, and gets the rest of the places', async () => {
  const many = [await askFor(database.pool), await askFor(database.pool), await askFor(database.pool)];
  const other = await askFor(database.pool, { orgId: 'other' });
  const claim = async () =>
    (await claimJob(database.pool, { workerId: crypto.randomUUID(), lease: 30_000, mostOfOrg: 2 }))?.jobId;
  expect([await claim(), await claim(), await claim(), await claim()]).toEqual([
    many[0],
    other,
    many[1],
    undefined,
  ]);
  await database.pool.query('delete from analytics.export_jobs where job_id = any($1::uuid[])', [
    [...many, other],
  ]);
});

test('a lost connection to the database: the job is tried again', async () => {
  const jobId = await askFor(database.pool);
  const { destinations, reached, letGo } = held();
  const writing = exportWorker(database.pool, folder, { destinations }).writeNext();
  await reached;
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and state = 'idle in transaction'`,
  );
  letGo();
  await writing;
  expect(await jobOf(database.pool, jobId)).toMatchObject({
    status: 'pending',
    error: { code: 'database_unavailable' },
  });
  await makeDue(database.pool);
  expect(await exportWorker(database.pool, folder).writeNext()).toBe(true);
  expect(await jobOf(database.pool, jobId)).toMatchObject({ status: 'succeeded', attempt: 2 });
  await expectComplete(jobId);
});

test('files past their time are removed, and the job stays as expired', async () => {
  const jobId = await askFor(database.pool);
  const worker = exportWorker(database.pool, folder, { retention: -1_000 });
  expect(await worker.writeNext()).toBe(true);
  expect(await readdir(join(folder, jobId))).toEqual(['1']);
  await worker.removeExpired();
  expect(await jobOf(database.pool, jobId)).toMatchObject({ status: 'expired' });
  await expect(readdir(join(folder, jobId))).rejects.toThrow('ENOENT');
});

test('files of an org that is deleted are removed', async () => {
  const jobId = await askFor(database.pool, { orgId: 'leaving' });
  const worker = exportWorker(database.pool, folder);
  expect(await worker.writeNext()).toBe(true);
  await database.pool.query('delete from analytics.export_jobs where job_id = $1', [jobId]);
  await worker.removeExpired();
  await expect(readdir(join(folder, jobId))).rejects.toThrow('ENOENT');
});
