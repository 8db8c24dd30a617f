import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sleep } from '../../src/time.ts';
import { fill, mayMount, mount, unmount } from '../app/faults/small-file-system.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { useFolder } from '../support/exports/exports.ts';
import { askFor, destinationsOf, exportWorker, jobOf, makeDue } from '../support/exports/workers.ts';
import { makeS3Server } from '../support/servers/s3-server.ts';
import { tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const folder = await useFolder();
const s3 = await makeS3Server();
const service = useService({ ...s3.env, EXPORT_DIR: folder }, database);
const EVENTS = 200;
const delivery = { type: 's3', bucket: 'exports' } as const;

beforeAll(async () => {
  await s3.start();
  await ingestion.store(...Array.from({ length: EVENTS }, () => makeUsage({ orgId: 'a/b' })));
});
afterAll(() => s3.remove());
beforeEach(() => database.pool.query('delete from analytics.export_jobs'));

function ask(wanted: object) {
  return askFor(database.pool, { orgId: 'a/b', ...wanted });
}

function workerWith(env: Record<string, string>) {
  return exportWorker(database.pool, folder, {
    destinations: destinationsOf({ EXPORT_DIR: folder, ...env }),
  });
}

function job(jobId: string) {
  return jobOf(database.pool, jobId, 'a/b');
}

const PAUSE = 100;

/** A route to a server on this host that passes on 16 kB after each pause, in both directions. */
async function openSlowRoute(port: number) {
  const sockets = new Set<Socket>();
  const pass = async (from: Socket, to: Socket) => {
    for await (const chunk of from) {
      for (let at = 0; at < chunk.length; at += 16_384) {
        await sleep(PAUSE);
        to.write(chunk.subarray(at, at + 16_384));
      }
    }
    to.end();
  };
  const route = createServer((client) => {
    const server = connect({ host: '127.0.0.1', port });
    for (const socket of [client, server]) sockets.add(socket.on('error', () => {}));
    void pass(client, server).catch(() => server.destroy());
    void pass(server, client).catch(() => client.destroy());
  });
  await new Promise<void>((listening) => route.listen(0, '127.0.0.1', listening));
  const address = route.address() as AddressInfo;
  const close = () => {
    route.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

/** Asks for the file of a job by its download, and follows the link. */
async function download(jobId: string, file = '') {
  const path = `/analytics/v1/orgs/${encodeURIComponent('a/b')}/exports/${jobId}/download${file}`;
  const redirect = await fetch(service.origin + path, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${await tokenOf(['admin'])}` },
  });
  expect(redirect.status).toBe(302);
  const link = redirect.headers.get('location') ?? '';
  const response = await fetch(link);
  return { link, response, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('files in S3', () => {
  test('are those of the job, and are downloaded by a link of S3', async () => {
    const jobId = await ask({ delivery, formats: ['csv', 'parquet'] });
    expect(await workerWith(s3.env).writeNext()).toBe(true);
    const { status, files, outputUri } = await job(jobId);
    expect({ status, error: (await job(jobId)).error }).toEqual({ status: 'succeeded', error: null });
    expect(outputUri).toMatch(
      new RegExp(`^s3://exports/events/a_b/\\d{8}T\\d{6}Z_\\d{8}T\\d{6}Z/${jobId}/1/$`),
    );
    for (const { name, sha256, bytes: size } of files) {
      const { link, response, bytes } = await download(jobId, `?file=${name}`);
      expect(link.startsWith(`${s3.url}/exports/events/a_b/`)).toBe(true);
      expect(link).toContain('X-Amz-Expires=900');
      expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      expect(bytes).toHaveLength(size);
    }
  });

  test('that are larger than a part are whole', async () => {
    const destination = destinationsOf(s3.env).of(delivery);
    const upload = await destination.create('large/file', 'text/csv');
    const piece = randomBytes(1 << 20);
    const pieces = 20;
    await pipeline(Readable.from(Array.from({ length: pieces }, () => piece)), upload.stream);
    await upload.finish();
    const link = await destination.link?.('large/file', { name: 'x', contentType: 'text/csv' }, 60_000);
    const bytes = Buffer.from(await (await fetch(link ?? '')).arrayBuffer());
    expect(bytes.equals(Buffer.concat(Array.from({ length: pieces }, () => piece)))).toBe(true);
  });

  test('are removed when their time is over', async () => {
    const jobId = await ask({ delivery });
    const worker = exportWorker(database.pool, folder, {
      destinations: destinationsOf(s3.env),
      retention: -1_000,
    });
    expect(await worker.writeNext()).toBe(true);
    const { outputUri } = await job(jobId);
    await worker.removeExpired();
    expect(await job(jobId)).toMatchObject({ status: 'expired' });
    const list = await fetch(
      `${s3.url}/exports?list-type=2&prefix=${outputUri?.slice('s3://exports/'.length)}`,
    );
    expect(await list.text()).toContain('<KeyCount>0</KeyCount>');
  });

  test('are whole when S3 is slow', async () => {
    const slow = await openSlowRoute(Number(new URL(s3.url).port));
    const jobId = await ask({ delivery, formats: ['csv', 'parquet'] });
    expect(await workerWith({ ...s3.env, S3_ENDPOINT: slow.url }).writeNext()).toBe(true);
    slow.close();
    const { status, files, attempt } = await job(jobId);
    expect({ status, attempt }).toEqual({ status: 'succeeded', attempt: 1 });
    for (const { name, sha256 } of files) {
      const { bytes } = await download(jobId, `?file=${name}`);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
  });

  test('are written once S3 is there again', async () => {
    const jobId = await ask({ delivery });
    await s3.kill();
    expect(await workerWith(s3.env).writeNext()).toBe(true);
    expect(await job(jobId)).toMatchObject({ status: 'pending', error: { code: 'delivery_unavailable' } });
    // An outage takes longer than a fault that passes at once.
    expect(await workerWith(s3.env).writeNext()).toBe(false);
    const { rows } = await database.pool.query<{ wait: number }>(
      `select extract(epoch from not_before - clock_timestamp())::float8 as wait
       from analytics.export_jobs where job_id = $1`,
      [jobId],
    );
    expect(rows[0]?.wait).toBeGreaterThan(30);
    await s3.start();
    await makeDue(database.pool);
    expect(await workerWith(s3.env).writeNext()).toBe(true);
    expect(await job(jobId)).toMatchObject({ status: 'succeeded', attempt: 2, error: null });
  });

  test.each([
    ['exports', { S3_ACCESS_KEY: 'nobody' }, 'check S3_ACCESS_KEY'],
    ['nowhere', { S3_BUCKET: 'nowhere' }, 'check S3_BUCKET'],
  ])('that S3 refuses fail with the reason: the bucket %s with %j', async (bucket, env, reason) => {
    const jobId = await ask({ delivery: { type: 's3', bucket } });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await workerWith({ ...s3.env, ...env }).writeNext()).toBe(true);
      await makeDue(database.pool);
    }
    const { status, error } = await job(jobId);
    expect({ status, code: error?.code }).toEqual({ status: 'failed', code: 'delivery_refused' });
    expect(error?.message).toContain(reason);
  });

  // s3rver does not check signatures of version 4, so this server gives the answer that S3 documents.
  test('fail with the reason if the secret is wrong', async () => {
    const refusal = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><RequestId>1</RequestId></Error>`;
    const server = createHttpServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(403, { 'content-type': 'application/xml' }).end(refusal);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const jobId = await ask({ delivery });
    const env = { ...s3.env, S3_ENDPOINT: `http://127.0.0.1:${port}` };
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await workerWith(env).writeNext()).toBe(true);
      await makeDue(database.pool);
    }
    server.closeAllConnections();
    server.close();
    expect(await job(jobId)).toMatchObject({
      status: 'failed',
      error: { code: 'delivery_refused', message: expect.stringContaining('check S3_SECRET_KEY') },
    });
  });

  test('go only into buckets of the settings', async () => {
    const timeRange = { start: new Date(Date.now() - 1_000).toISOString(), end: new Date().toISOString() };
    const body = { timeRange, delivery: { type: 's3', bucket: 'of-somebody-else' } };
    expect(await service.call('/analytics/v1/orgs/acme/exports', { body })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '$.delivery.bucket', message: 'must be a bucket of this service: exports' }] },
    });
  });
});

test('a bucket is refused with the name of the setting if none is configured', () => {
  const { choose } = destinationsOf({});
  for (const wanted of [{ type: 's3' }, { type: 's3', bucket: 'exports' }] as const)
    expect(() => choose(wanted)).toThrow('no bucket is configured, as the operator has not set S3_BUCKET');
});

describe('a disk without room', skipUnless(mayMount, 'needs the right to mount a file system'), () => {
  test('fails the attempt, leaves nothing half visible, and the next attempt succeeds', async () => {
    const disk = join(folder, 'small');
    await mkdir(disk);
    mount(disk, 1);
    try {
      const env = { EXPORT_DIR: disk };
      const jobId = await ask({ formats: ['csv'] });
      await fill(join(disk, 'filler'));
      expect(await workerWith(env).writeNext()).toBe(true);
      expect(await job(jobId)).toMatchObject({ status: 'pending', error: { code: 'disk_full' } });
      unmount(disk);
      await makeDue(database.pool);
      expect(await workerWith(env).writeNext()).toBe(true);
      expect(await job(jobId)).toMatchObject({ status: 'succeeded', attempt: 2 });
      expect(await readdir(join(disk, jobId))).toEqual(['2']);
    } finally {
      unmount(disk);
    }
  });
});
