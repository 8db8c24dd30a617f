import type { Rejection, ResolvedOptions } from '../options.ts';
import { version } from '../version.ts';
import { readRetryAfter } from './pause.ts';

/** Smaller bodies are not worth compressing; bytes. */
const COMPRESSED_FROM = 1_000;

/** Counts of one request, as the service answers them. */
export interface Outcome {
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  /** The first 100 events that were refused. */
  errors: readonly (Rejection & { index: number })[];
}

/** What an attempt came to. Only `settled` says that the service has the events. */
export type Attempt = { date: string | null } & (
  | { result: 'settled'; outcome: Outcome }
  /** Worth trying again, at the earliest after `retryAfter` milliseconds. */
  | { result: 'failed'; error: Error; retryAfter?: number | undefined }
  /** The key does not open the door. */
  | { result: 'denied'; error: Error }
  | { result: 'too_large'; error: Error }
  /** Would be refused again. */
  | { result: 'refused'; error: Error }
);

export interface Body {
  content: string | ArrayBuffer;
  compressed: boolean;
}

/** @param lines events as JSON, one a line */
export async function makeBody(lines: string): Promise<Body> {
  if (lines.length < COMPRESSED_FROM || typeof CompressionStream === 'undefined')
    return { content: lines, compressed: false };
  const packed = new Blob([lines]).stream().pipeThrough(new CompressionStream('gzip'));
  return { content: await new Response(packed).arrayBuffer(), compressed: true };
}

/**
 * Sends events once. Never throws.
 * @param correlationId the same in each attempt with the same events
 */
export async function post(
  { endpoint, apiKey, fetch: fetchWith = fetch, requestTimeout }: ResolvedOptions,
  body: Body,
  correlationId: string,
  closing: AbortSignal,
): Promise<Attempt> {
  try {
    const response = await fetchWith(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        'user-agent': `tidemark-client/${version}`,
        'x-api-key': apiKey,
        'x-correlation-id': correlationId,
        ...(body.compressed && { 'content-encoding': 'gzip' }),
      },
      body: body.content,
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(requestTimeout), closing]),
    });
    return { date: response.headers.get('date'), ...(await judge(response)) };
  } catch (error) {
    return { date: null, result: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}

type Judgement = Attempt extends infer One ? (One extends Attempt ? Omit<One, 'date'> : never) : never;

async function judge(response: Response): Promise<Judgement> {
  const { status, headers } = response;
  const answer = await response.json().catch(() => undefined);
  if (status === 200 || status === 207) {
    if (isOutcome(answer)) return { result: 'settled', outcome: answer };
    return { result: 'failed', error: new Error(`The answer ${status} is not one of Tidemark; check url`) };
  }
  const error = new Error(`The service answered ${status}: ${wordsOf(answer, headers)}`);
  if (status === 401 || status === 403) return { result: 'denied', error };
  if (status === 413) return { result: 'too_large', error };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { result: 'failed', error, retryAfter: readRetryAfter(headers.get('retry-after'), Date.now()) };
  }
  return { result: 'refused', error };
}

function isOutcome(answer: unknown): answer is Outcome {
  const { stored, duplicates, conflicts, rejected, errors } = (answer ?? {}) as Partial<Outcome>;
  return [stored, duplicates, conflicts, rejected].every(Number.isInteger) && Array.isArray(errors);
}

function wordsOf(answer: unknown, headers: Headers): string {
  const { detail, title } = (answer ?? {}) as { detail?: unknown; title?: unknown };
  return String(detail ?? title ?? headers.get('location') ?? 'no reason given');
}
