import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, vi } from 'vitest';
import type { Service } from '../service/service.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };

/** A folder of exports that is removed after the tests of the file. */
export async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-exports-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of the exports of an org. */
function exportsOf(orgId: string): string {
  return `/analytics/v1/orgs/${encodeURIComponent(orgId)}/exports`;
}

/** Waits until the rollups of an org have this many model calls. */
export async function rolledUp(service: Service, orgId: string, calls: number): Promise<void> {
  const path = `/analytics/v1/orgs/${encodeURIComponent(orgId)}/usage`;
  const invocations = async () => (await service.call(path)).json.totals.invocations;
  await vi.waitFor(async () => expect(await invocations()).toBe(calls), PATIENCE);
}

/** Asks for an export, and waits until it ends. */
export async function exported(service: Service, orgId: string, body: object) {
  const asked = await service.call(exportsOf(orgId), { body });
  expect(asked).toMatchObject({ status: 202 });
  return ended(service, orgId, asked.json.jobId);
}

/** Waits until a job ends. */
async function ended(service: Service, orgId: string, jobId: string) {
  const read = async () => (await service.call(`${exportsOf(orgId)}/${jobId}`)).json;
  return vi.waitFor(async () => {
    const job = await read();
    expect(job.status).not.toMatch(/pending|running/);
    return job;
  }, PATIENCE);
}

/** A file in the local folder of a job. */
export function fileOf(job: { outputUri: string }, name: string): Promise<Buffer> {
  return readFile(new URL(name, job.outputUri));
}
