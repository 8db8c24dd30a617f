import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { MINUTE } from '../time.ts';
import type { VerifiedToken } from './token-claims.ts';

/** A key that an identity provider has withdrawn verifies nothing beyond this time. */
const KEPT = MINUTE;
const MOST_TOKENS = 10_000;

/** Tokens whose signature was verified lately, by their hash: verifying one anew takes a third of a small request. */
export class VerifiedTokens {
  readonly #tokens = new LRUCache<string, VerifiedToken>({ max: MOST_TOKENS, ttl: KEPT });

  /** The token of this text, if it was verified and has not expired. */
  find(text: string, now: number): VerifiedToken | undefined {
    const token = this.#tokens.get(hashOf(text));
    return token !== undefined && now < token.expiresAt ? token : undefined;
  }

  keep(text: string, token: VerifiedToken): void {
    this.#tokens.set(hashOf(text), token);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
