import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';

/** What is done to alerts. */
export interface Act {
  action: 'acknowledge' | 'unacknowledge' | 'resolve';
  ids: readonly string[];
  note?: string;
}

/** What became of it: who was changed, and what failed with its reason. */
export interface Acted extends Act {
  done: string[];
  failed: { id: string; detail: string }[];
}

/** So many requests are under way at once. */
const AT_ONCE = 4;
/** The service acknowledges so many alerts at once. */
const MOST_IN_BULK = 100;

/** Acknowledges, resolves, or takes an acknowledgement back, of one or many alerts. */
export function useAct() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['alerts'] }),
        client.invalidateQueries({ queryKey: ['alert'] }),
      ]),
  });
}

async function act(wanted: Act): Promise<Acted> {
  const note = wanted.note?.trim();
  const body = note ? { note } : {};
  const acted: Acted = { ...wanted, done: [], failed: [] };
  if (wanted.action === 'acknowledge' && wanted.ids.length > 1) {
    for (const ids of chunksOf(wanted.ids, MOST_IN_BULK)) {
      const answer = await dataOf(
        api.POST('/api/v1/analytics/alerts/bulk-acknowledge', { body: { ids, ...body } }),
      );
      acted.done.push(...answer.acknowledged);
      acted.failed.push(...answer.failed);
    }
    return acted;
  }
  const [only] = wanted.ids;
  if (wanted.ids.length === 1 && only !== undefined) {
    await actOnOne(wanted.action, only, body);
    return { ...acted, done: [only] };
  }
  for (const ids of chunksOf(wanted.ids, AT_ONCE)) {
    const answers = await Promise.allSettled(ids.map((id) => actOnOne(wanted.action, id, body)));
    answers.forEach((answer, index) => {
      const id = ids[index] ?? '';
      if (answer.status === 'fulfilled') acted.done.push(id);
      else acted.failed.push({ id, detail: String(answer.reason?.message ?? answer.reason) });
    });
  }
  return acted;
}

function actOnOne(action: Act['action'], id: string, body: { note?: string }): Promise<unknown> {
  const init = { params: { path: { id } }, body };
  if (action === 'acknowledge') return api.POST('/api/v1/analytics/alerts/{id}/acknowledge', init);
  if (action === 'resolve') return api.POST('/api/v1/analytics/alerts/{id}/resolve', init);
  return api.POST('/api/v1/analytics/alerts/{id}/unacknowledge', init);
}

/** A list in parts of a length. */
function chunksOf<Item>(items: readonly Item[], length: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );
}
