import type { StoredEvent } from './event-types.ts';
import { Tidemark, type TidemarkOptions } from './tidemark.ts';

/** A client for tests: it keeps what is tracked, and sends nothing. */
export interface MemoryClient extends Tidemark {
  /** What was tracked, as the service would get it. `await client.flush()` first. */
  readonly events: readonly StoredEvent[];
}

/** A `Tidemark` whose service is in memory, and stores everything. */
export function createMemoryClient(
  options: Partial<Omit<TidemarkOptions, 'fetch' | 'url'>> = {},
): MemoryClient {
  const events: StoredEvent[] = [];
  const store: typeof fetch = async (_, request) => {
    const packed = new Response(request?.body ?? '').body ?? new ReadableStream();
    const isPacked = new Headers(request?.headers).get('content-encoding') === 'gzip';
    const lines = await new Response(
      isPacked ? packed.pipeThrough(new DecompressionStream('gzip')) : packed,
    ).text();
    const received = lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StoredEvent);
    events.push(...received);
    return Response.json({
      received: received.length,
      stored: received.length,
      ...{ duplicates: 0, conflicts: 0, rejected: 0, errors: [] },
    });
  };
  const client = new Tidemark({
    ...{ apiKey: 'none', org: 'test', disabled: false, ...options },
    ...{ url: 'http://memory.invalid', fetch: store },
  });
  return Object.assign(client, { events });
}
