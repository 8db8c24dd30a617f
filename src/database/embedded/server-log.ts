/** The log of the embedded PostgreSQL, `DATA_DIR/postgres.log`: bounded, with one older file beside it. */
import { constants, copyFile, open, rename, stat, truncate } from 'node:fs/promises';
import { SECOND, sleep } from '../../time.ts';
import type { DatabaseLog } from '../log.ts';
import type { Account } from './account.ts';

const LIMIT_BYTES = 10 * 1024 * 1024;
const CHECKED_EVERY = 10 * SECOND;

/**
 * Opens the log for appending, and returns where this run begins. The account owns the file, because Tidemark may run as
 * that account next time.
 */
export async function openServerLog(path: string, account: Account) {
  if ((await sizeOf(path)) > LIMIT_BYTES) await rename(path, olderOf(path));
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600);
  if (account) await handle.chown(account.uid, account.gid);
  const { size: start } = await handle.stat();
  return { fd: handle.fd, start, close: () => handle.close() };
}

/** Keeps the log of a running server small until `stopping` aborts. Never rejects. */
export async function boundServerLog(
  path: string,
  { log, stopping, every = CHECKED_EVERY }: { log: DatabaseLog; stopping: AbortSignal; every?: number },
): Promise<void> {
  while (!stopping.aborted) {
    await emptyIfLarge(path).catch((error) =>
      log.warn({ path, error: String(error) }, 'the log of the embedded PostgreSQL cannot be shortened'),
    );
    await sleep(every, stopping);
  }
}

/**
 * Empties the log in place, because the processes of the server have it open. They append, so they go on at its new end.
 * What they write between the copy and the end of it is lost.
 */
async function emptyIfLarge(path: string): Promise<void> {
  if ((await sizeOf(path)) <= LIMIT_BYTES) return;
  await copyFile(path, olderOf(path));
  await truncate(path);
}

function olderOf(path: string): string {
  return `${path}.1`;
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
