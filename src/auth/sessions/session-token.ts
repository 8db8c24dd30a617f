import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const TOKEN = /^[\w-]{43}$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** A larger ID token would not fit into the address of a page for signing out. */
const MOST_ID_TOKEN = 6_000;

/** 256 random bits for a cookie or a link, as text. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text can be such a token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Encrypts the ID token of a session with the token in its cookie, of which the database has only a hash. So the database
 * alone does not give ID tokens away. `undefined`: it is too large to be of use.
 */
export function sealIdToken(sessionToken: string, idToken: string | undefined): Buffer | undefined {
  if (idToken === undefined || idToken.length > MOST_ID_TOKEN) return undefined;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(sessionToken), iv);
  const sealed = Buffer.concat([cipher.update(idToken, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

/** @throws when the session token is another one */
export function openIdToken(sessionToken: string, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(sessionToken), sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

function keyOf(sessionToken: string): Buffer {
  return Buffer.from(hkdfSync('sha256', sessionToken, '', 'tidemark id token', 32));
}
