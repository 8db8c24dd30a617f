import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import { words } from '../words/alerts.ts';
import type { AlertDetail } from './alert.ts';

const HOUR = 3_600_000;

/** How long an alert may be snoozed. */
export const snoozes = { hour: HOUR, fourHours: 4 * HOUR, day: 24 * HOUR } as const;
export type Snooze = keyof typeof snoozes;

/** Silences the rule of an alert for its group alone, and for a while. */
export function useSnooze({ id, name, group, orgId, allOrgs }: AlertDetail) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (length: Snooze) => {
      const endsAt = new Date(Date.now() + snoozes[length]).toISOString();
      const body = {
        ...(!allOrgs && orgId !== null && { orgId }),
        ...{ reason: words.snooze.reason, rules: [name], labels: group, endsAt },
      };
      return dataOf(api.POST('/api/v1/analytics/alerts/silences', { body }));
    },
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['silences'] }),
        client.invalidateQueries({ queryKey: ['alert', id] }),
      ]),
  });
}
