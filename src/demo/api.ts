import { SECOND, sleep } from '../time.ts';
import type { DemoEvent } from './make-usage.ts';

/** The counts of sent events by outcome. */
export interface SentCounts {
  stored: number;
  duplicates: number;
  rejected: number;
}

/** A client of the service's API. */
export class DemoApi {
  readonly origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.origin = origin;
    this.#token = token;
  }

  /** Sends events in one request, and retries as long as the service asks for it. */
  async send(events: readonly DemoEvent[]): Promise<SentCounts> {
    const body = events.map((event) => JSON.stringify(event)).join('\n');
    for (;;) {
      const response = await this.#fetch('/analytics/v1/events', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      });
      if (response.ok) return (await response.json()) as SentCounts;
      if (response.status !== 429 && response.status !== 503) throw await failure(response);
      await response.body?.cancel();
      await sleep(Number(response.headers.get('retry-after') ?? 1) * SECOND);
    }
  }

  /** Fetches an answer, which has the type that its path documents. */
  async get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const response = await this.#fetch(`${path}?${new URLSearchParams(query)}`, {});
    if (!response.ok) throw await failure(response);
    return (await response.json()) as T;
  }

  /** Sends a body to be stored, and returns the answer, which has the type that its path documents. */
  async post<T>(path: string, body: string, type = 'application/json'): Promise<T> {
    const response = await this.#fetch(path, { method: 'POST', headers: { 'content-type': type }, body });
    if (!response.ok) throw await failure(response);
    return (await response.json()) as T;
  }

  async delete(path: string): Promise<void> {
    const response = await this.#fetch(path, { method: 'DELETE' });
    if (!response.ok) throw await failure(response);
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#token}` };
    return fetch(this.origin + path, { ...init, headers });
  }
}

async function failure(response: Response): Promise<Error> {
  return new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}
