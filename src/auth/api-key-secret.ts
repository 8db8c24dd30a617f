import { createHash, randomBytes } from 'node:crypto';

/** Of a secret only this hash is stored: 256 random bits need no slow hash. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The id and the secret of a new key. */
export function generateSecret(): { id: string; secret: string } {
  return { id: randomBytes(8).toString('hex'), secret: randomBytes(32).toString('base64url') };
}

/** The key that a caller sends: `tmk_<id>_<secret>`. */
export function keyText(id: string, secret: string): string {
  return `tmk_${id}_${secret}`;
}

export function parseKeyText(text: string): { id: string; secret: string } | undefined {
  const [, id, secret] = /^tmk_([0-9a-f]{16})_([\w-]{43})$/.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}
