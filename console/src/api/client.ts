import createClient from 'openapi-fetch';
import { apiBase } from './base.ts';
import { ApiFailure, failureOf } from './failure.ts';
import type { paths } from './schema.ts';

/** Called when the service no longer knows who we are. */
let onSignedOut: () => void = () => {};

/** Names the listener for answers that say that nobody is signed in. */
export function listenForSignOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Fetches, and turns everything but success into an `ApiFailure`. */
export async function request(input: Request): Promise<Response> {
  const about = { method: input.method, url: input.url };
  const response = await fetch(input).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiFailure(about, undefined, {});
  });
  if (response.ok) return response;
  if (response.status === 401) onSignedOut();
  throw await failureOf(about, response);
}

/** The API, with the types of docs/openapi.json. A failure is thrown as an `ApiFailure`. */
export const api = createClient<paths>({
  baseUrl: apiBase,
  credentials: 'same-origin',
  fetch: request,
});

/** The data of an answer that succeeded: `await dataOf(api.GET(…))`. */
export async function dataOf<Data>(call: Promise<{ data?: Data }>): Promise<Data> {
  return (await call).data as Data;
}
