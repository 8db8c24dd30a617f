import { queryOptions } from '@tanstack/react-query';
import type { Answer } from '../../api/answer.ts';
import { api, dataOf } from '../../api/client.ts';

export type LoginSession = Answer<'/analytics/v1/me/sessions'>['sessions'][number];

export const mySessions = queryOptions({
  queryKey: ['my-sessions'],
  queryFn: ({ signal }) => dataOf(api.GET('/analytics/v1/me/sessions', { signal })),
});

export function endSession(sessionId: string) {
  return dataOf(api.DELETE('/analytics/v1/me/sessions/{sessionId}', { params: { path: { sessionId } } }));
}

/** Ends all sessions but this one. */
export function endOtherSessions() {
  return dataOf(api.DELETE('/analytics/v1/me/sessions'));
}
