import { chown, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makePostgres } from '../../support/database/own-postgres.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf } from '../../support/service/service.ts';
import { startServiceProcess } from '../../support/service/service-process.ts';
import { startLoad } from '../../support/service/service-under-load.ts';
import { skipUnless } from '../../support/skip-unless.ts';
import { fill, mayMount, mount, unmount } from './small-file-system.ts';

const MEGABYTES = 220;
const patience = { timeout: 2 * MINUTE, interval: 50 };
const newDirectory = useDirectories();

describe('under load', skipUnless(mayMount, 'needs leave to mount a tmpfs'), () => {
  test('a full disk loses no acknowledged event', {
    timeout: 8 * MINUTE,
  }, async (context) => {
    const directory = await newDirectory();
    mount(directory, MEGABYTES);
    onTestFinished(() => unmount(directory));
    const postgres = await makePostgres({
      directory,
      settings: { max_wal_size: '48MB', min_wal_size: '32MB', checkpoint_timeout: '30s' },
    });
    await postgres.start();
    onTestFinished(() => postgres.stop());
    const load = await startLoad({
      dataDir: await newDirectory(),
      databaseUrl: await postgres.newDatabase(),
    });
    onTestFinished(load.end);
    const filling = join(directory, 'something-else');
    await fill(filling);
    await expect.poll(() => load.senders.every((sender) => sender.problems.size > 0), patience).toBe(true);
    await sleep(2 * SECOND);
    await rm(filling);
    // PostgreSQL stops itself when its log has no room, and the operator starts it again once there is room.
    if (!(await postgres.isRunning())) await postgres.start();
    await load.recovered(context, 'the disk of PostgreSQL was full');
    await load.settle();
  });
});

describe('a disk with room for the log alone', skipUnless(mayMount, 'needs leave to mount a tmpfs'), () => {
  test('readiness and metrics tell that events are refused, although PostgreSQL answers', async () => {
    const directory = await newDirectory();
    const small = await newDirectory();
    mount(small, 60);
    onTestFinished(() => unmount(small));
    const postgres = await makePostgres({ directory });
    await postgres.start();
    onTestFinished(() => postgres.stop());
    const databaseUrl = await postgres.newDatabase();
    const { uid, gid } = await stat(join(directory, 'cluster'));
    await chown(small, uid, gid);
    const name = new URL(databaseUrl).pathname.slice(1);
    await postgres.run(`create tablespace small location '${small}'`);
    await postgres.run(`alter database ${name} set tablespace small`);
    const service = await startServiceProcess(await newDirectory(), {
      DATABASE_URL: databaseUrl,
      ROLES: 'api,ingest',
    });
    onTestFinished(() => service.stop());
    const authorization = `Bearer ${await tokenOf(['admin'])}`;
    const send = async () => {
      const body = JSON.stringify(Array.from({ length: 500 }, () => makeUsage({ orgId: 'acme' })));
      const headers = { authorization, 'content-type': 'application/json' };
      const { status } = await fetch(`${service.origin}/analytics/v1/events`, {
        method: 'POST',
        headers,
        body,
      });
      return status;
    };
    const ready = async () => {
      const answer = await fetch(`${service.origin}/analytics/v1/status/readyz`);
      const { errors = [] } = (await answer.json()) as { errors?: { path: string }[] };
      return { status: answer.status, failing: errors.map(({ path }) => path) };
    };
    expect(await send()).toBe(200);
    expect(await ready()).toEqual({ status: 200, failing: [] });

    await fill(join(small, 'something-else'));
    await expect.poll(send, patience).toBe(503);
    // Sends until readiness tells: a single failure says little.
    const sendAndAsk = async () => {
      await send();
      return ready();
    };
    await expect.poll(sendAndAsk, patience).toEqual({ status: 503, failing: ['ingestion'] });
    const metrics = await (await fetch(`${service.origin}/metrics`)).text();
    expect(metrics).toMatch(/tidemark_ingest_refused_total\{source="http",reason="unavailable"\} [1-9]/);

    await rm(join(small, 'something-else'));
    await expect.poll(send, patience).toBe(200);
    expect(await ready()).toEqual({ status: 200, failing: [] });
  });
});
