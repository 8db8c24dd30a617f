import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boundServerLog, openServerLog } from './server-log.ts';

const MB = 1024 * 1024;

async function newLog(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-server-log-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return join(directory, 'postgres.log');
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

test('the log of a server that runs is emptied when it is large, and its end is kept in a second file', async () => {
  const path = await newLog();
  const writer = await openServerLog(path, undefined);
  await appendFile(path, 'x'.repeat(10 * MB));
  const stopping = new AbortController();
  const warnings: unknown[] = [];
  const log = { info() {}, debug() {}, warn: (...line: unknown[]) => void warnings.push(line) };
  const bounding = boundServerLog(path, { log, stopping: stopping.signal, every: 5 });
  await appendFile(path, 'the end');
  await expect.poll(() => sizeOf(path)).toBe(0);
  expect((await readFile(`${path}.1`, 'utf8')).endsWith('the end')).toBe(true);

  await appendFile(path, 'more');
  expect(await readFile(path, 'utf8')).toBe('more');
  stopping.abort();
  await bounding;
  await writer.close();
  expect(warnings).toEqual([]);
});

test('a large log is put aside before a server starts', async () => {
  const path = await newLog();
  await appendFile(path, 'x'.repeat(11 * MB));
  const { start, close } = await openServerLog(path, undefined);
  await close();
  expect([start, await sizeOf(path), await sizeOf(`${path}.1`)]).toEqual([0, 0, 11 * MB]);
});
