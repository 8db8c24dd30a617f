import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { type Clock, MINUTE, SECOND } from '../../../time.ts';

/** The purpose of the key in `signing_keys`. */
export const STATE_PURPOSE = 'console sign-in';
/** A sign-in at the provider must be complete within this time. */
export const STATE_LIFETIME = 10 * MINUTE;

/** A sign-in that is under way at the provider. */
export interface PendingLogin {
  state: string;
  nonce: string;
  /** The secret of PKCE. */
  verifier: string;
  returnTo: string;
}

/** Encrypts a sign-in for a cookie of its browser. Each tab has a cookie of its own. */
export function sealLogin(login: PendingLogin, key: Uint8Array, clock: Clock): Promise<string> {
  return new EncryptJWT({ ...login })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(Math.floor((clock.now() + STATE_LIFETIME) / SECOND))
    .encrypt(key);
}

/** The sign-in of a cookie; `undefined` if we did not write it, or too long ago. */
export async function openLogin(
  sealed: string,
  key: Uint8Array,
  clock: Clock,
): Promise<PendingLogin | undefined> {
  try {
    const { payload } = await jwtDecrypt<PendingLogin & Record<string, unknown>>(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      requiredClaims: ['exp'],
      currentDate: new Date(clock.now()),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
