import { createHmac, timingSafeEqual } from 'node:crypto';
import { SECOND } from '../../time.ts';

/** The purpose of the key in `signing_keys`. */
export const LINK_PURPOSE = 'export downloads';
export const DOWNLOADS_PATH = '/analytics/v1/downloads';

/** A file of a job. */
export interface LinkedFile {
  orgId: string;
  jobId: string;
  name: string;
}

/** A link to a file, signed now. @param ttl milliseconds that it is valid for */
export function signLink(
  key: Uint8Array,
  file: LinkedFile,
  { now, ttl }: { now: number; ttl: number },
): string {
  const expires = Math.floor((now + ttl) / SECOND);
  const path = pathOf(file);
  return `${path}?expires=${expires}&signature=${signatureOf(key, path, expires).toString('base64url')}`;
}

/** Whether a link is one of ours, and how long ago it ended. The comparison takes the same time for every signature. */
export function checkLink(
  key: Uint8Array,
  file: LinkedFile,
  { expires, signature, now }: { expires: number; signature: string; now: number },
): 'valid' | 'forged' | 'expired' {
  const expected = signatureOf(key, pathOf(file), expires);
  const given = Buffer.alloc(expected.length);
  const decoded = Buffer.from(signature, 'base64url');
  decoded.copy(given);
  const isEqual = timingSafeEqual(expected, given) && decoded.length === expected.length;
  if (!isEqual) return 'forged';
  return expires * SECOND > now ? 'valid' : 'expired';
}

function pathOf({ orgId, jobId, name }: LinkedFile): string {
  return `${DOWNLOADS_PATH}/${[orgId, jobId, name].map(encodeURIComponent).join('/')}`;
}

function signatureOf(key: Uint8Array, path: string, expires: number): Buffer {
  return createHmac('sha256', key).update(`GET\n${path}\n${expires}`).digest();
}
