import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';
import { channels, statuses } from './names.ts';

export const tabs = ['inbox', 'preferences', 'channels', 'deliveries', 'webhooks'] as const;

export interface NotificationsSearch extends SharedSearch {
  /** `inbox` if it is missing. */
  tab?: (typeof tabs)[number];
  /** Filter the deliveries. */
  status?: (typeof statuses)[number];
  channel?: (typeof channels)[number];
}

export function readNotifications(search: Record<string, unknown>): NotificationsSearch {
  const tab = oneOf(tabs, search.tab);
  const status = oneOf(statuses, search.status);
  const channel = oneOf(channels, search.channel);
  return {
    ...readShared(search),
    ...(tab !== undefined && { tab }),
    ...(status !== undefined && { status }),
    ...(channel !== undefined && { channel }),
  };
}
