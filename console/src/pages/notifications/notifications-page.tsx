import type { ReactNode } from 'react';
import { useMay } from '../../api/may.ts';
import { Choices } from '../../parts/button.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/notifications.ts';
import { Deliveries } from './deliveries.tsx';
import { Inbox } from './inbox.tsx';
import styles from './notifications.module.css';
import { Preferences } from './preferences.tsx';
import { readNotifications, tabs } from './search.ts';
import { TryChannels } from './try-channels.tsx';
import { Webhooks } from './webhooks.tsx';

/** Tabs of those who may change how an org is told. */
const forWriters: readonly string[] = ['channels', 'webhooks'];

/** What came, where it goes, and what became of it. */
export function NotificationsPage(): ReactNode {
  const { org, timeZone } = useQuestion();
  const { tab = 'inbox', status, channel } = usePageSearch(readNotifications);
  const setSearch = useSetSearch();
  const mayWrite = useMay('alerts:write');
  return (
    <>
      <div className={styles.tabs}>
        <Choices
          label={words.tab}
          choices={tabs.filter((name) => mayWrite || !forWriters.includes(name))}
          chosen={tab}
          textOf={(choice) => words.tabs[choice]}
          onChoose={(choice) =>
            setSearch({
              ...{ tab: choice === 'inbox' ? undefined : choice, status: undefined, channel: undefined },
            })
          }
        />
      </div>
      {tab === 'inbox' && <Inbox org={org} timeZone={timeZone} />}
      {tab === 'preferences' && <Preferences {...{ org, timeZone, mayWrite }} />}
      {tab === 'channels' && <TryChannels org={org} />}
      {tab === 'deliveries' && <Deliveries {...{ org, status, channel, timeZone, mayWrite }} />}
      {tab === 'webhooks' && <Webhooks org={org} timeZone={timeZone} />}
    </>
  );
}
