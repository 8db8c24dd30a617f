import { Tidemark } from '../../client/dist/esm/tidemark.js';
import type { DemoApi } from './api.ts';

const KEYS = '/analytics/v1/api-keys';
const NAME = 'Live traffic of the demo';

interface Key {
  id: string;
  name: string;
  revokedAt: string | null;
}

/**
 * A client of the library that applications use, with an API key of its own. Keys of earlier starts are revoked.
 * @param onError receives the failure of an attempt; the events are sent again
 */
export async function openLiveClient(
  api: DemoApi,
  orgs: readonly string[],
  onError: (error: Error) => void,
): Promise<Tidemark> {
  const { keys } = await api.get<{ keys: Key[] }>(KEYS);
  for (const { id, name, revokedAt } of keys) {
    if (name === NAME && revokedAt === null) await api.delete(`${KEYS}/${id}`);
  }
  const { key } = await api.post<{ key: string }>(KEYS, JSON.stringify({ name: NAME, role: 'ingest', orgs }));
  // Each demo event names its org; this one is for events that name none.
  const [org = ''] = orgs;
  return new Tidemark({ url: api.origin, apiKey: key, org, flushInterval: 200, onError });
}
