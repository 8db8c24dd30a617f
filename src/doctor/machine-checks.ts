import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { exportFolder } from '../exports/delivery/export-folder.ts';
import { bad, type Check, type Finding, ok, warn } from './check.ts';

const GIGABYTE = 1e9;
const DISK_WARN = 0.15;
const DISK_BAD = 0.05;
const DATABASE_ROOM = 'Make room: lower RAW_RETENTION, or use a larger disk. A full disk stops ingestion.';
const EXPORT_ROOM = 'Make room: lower EXPORT_RETENTION, or use a larger disk. A full disk stops exports.';

/** Looks at the folders that this machine keeps data in. */
export function machineChecks(config: Config): Check[] {
  const { dataDir, databaseUrl } = config;
  const folders = new Map([
    [resolve(exportFolder(config)), { name: 'EXPORT_DIR', room: EXPORT_ROOM }],
    [
      resolve(dataDir),
      databaseUrl === undefined
        ? { name: 'DATA_DIR (the database)', room: DATABASE_ROOM }
        : { name: 'DATA_DIR', room: 'Make room, or use a larger disk.' },
    ],
  ]);
  return [...folders].map(([folder, { name, room }]) => ({
    name,
    advice: 'Create the folder, or let the user of the service write there.',
    look: async () => [await disk(folder, room), ...(await rights(folder))],
  }));
}

/** The folder itself, or the nearest one above it that exists: the first start creates the rest. */
async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await stat(at).catch(() => undefined)) return at;
    if (at === dirname(at)) return at;
  }
}

async function disk(folder: string, room: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(await nearest(folder));
  const share = blocks === 0 ? 0 : bavail / blocks;
  const found = `${((bavail * bsize) / GIGABYTE).toFixed(1)} GB (${Math.round(share * 100)} %) are free at ${folder}`;
  if (share > DISK_WARN) return ok(found);
  return share > DISK_BAD ? warn(found, room) : bad(found, room);
}

async function rights(folder: string): Promise<Finding[]> {
  const there = await nearest(folder);
  await access(there, constants.R_OK | constants.W_OK | constants.X_OK);
  const secret = join(folder, 'jwt-secret');
  const file = await stat(secret).catch(() => undefined);
  if (file && (file.mode & 0o077) !== 0)
    return [
      bad(
        `${secret} can be read by others (mode ${(file.mode & 0o777).toString(8)})`,
        `Run: chmod 600 ${secret}`,
      ),
    ];
  return [ok(there === folder ? 'the folder can be written' : `the first start creates it in ${there}`)];
}
