import { queryOptions } from '@tanstack/react-query';
import { consoleBase } from './base.ts';
import { request } from './client.ts';
import { ApiFailure } from './failure.ts';

/** Who is signed in. */
export interface Session {
  actor: string;
  name: string | null;
  roles: string[];
  orgs: string[];
  via: string;
  expiresAt: string | null;
}

/** The ways to sign in that are set up. */
export interface SignInWays {
  oidc: { label: string } | null;
  tokens: boolean;
  code: boolean;
}

/** What proves who somebody is. */
export type Proof = { code: string } | { token: string } | { apiKey: string };

const sessionUrl = `${consoleBase}/session`;

function sameOrigin(url: string, init: RequestInit = {}): Request {
  return new Request(new URL(url, location.href), { credentials: 'same-origin', ...init });
}

/** The session of this browser; `null` if nobody is signed in. */
async function readSession(): Promise<Session | null> {
  try {
    const response = await request(sameOrigin(sessionUrl));
    return (await response.json()) as Session;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return null;
    throw error;
  }
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
});

export const signInWaysQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: async () => (await (await request(sameOrigin(`${consoleBase}/sign-in`))).json()) as SignInWays,
});

/** Begins a session. @throws {ApiFailure} if the proof is refused */
export async function signIn(proof: Proof): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await request(sameOrigin(sessionUrl, { method: 'POST', headers, body: JSON.stringify(proof) }));
}

/** Ends the session of this browser. */
export async function signOut(): Promise<void> {
  await request(sameOrigin(sessionUrl, { method: 'DELETE' }));
}
