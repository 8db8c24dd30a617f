import { createHash } from 'node:crypto';

/**
 * A weak entity tag (RFC 9110, 8.8.3) of an answer. Every process makes the same tag of the same content.
 * @param content the answer without fields that change by themselves, such as an age
 */
export function weakTagOf(content: unknown): string {
  return weakTagOfBytes(Buffer.from(JSON.stringify(content)));
}

/** A weak entity tag of an answer that is ready to be sent. */
export function weakTagOfBytes(content: Buffer): string {
  return `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
}

/** Whether `If-None-Match` names the tag, or any (`*`): the copy of the caller is still current. */
export function isNamed(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const named = ifNoneMatch.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return named.includes('*') || named.includes(tag.replace(/^W\//, ''));
}
