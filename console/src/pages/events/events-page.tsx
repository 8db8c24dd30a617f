import type { ReactNode } from 'react';
import { CallFilterChips } from '../../calls/filter-chips.tsx';
import { OneOrg } from '../../parts/one-org.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { EventDrawer } from './event-drawer.tsx';
import { EventList } from './event-list.tsx';
import { FindEvent } from './find-event.tsx';
import { readEventFilters, readEvents } from './search.ts';

/** Raw events, and why one is not among them. */
export function EventsPage(): ReactNode {
  const question = useQuestion();
  const search = usePageSearch(readEvents);
  const filters = readEventFilters({ ...search });
  const setSearch = useSetSearch();
  const { org, range, timeZone } = question;
  return (
    <OneOrg org={org}>
      <CallFilterChips filters={filters} />
      <EventList key={JSON.stringify([org, search.range, timeZone, filters])} {...{ question, filters }} />
      <FindEvent {...{ org, range, timeZone, filters }} />
      {search.event !== undefined && (
        <EventDrawer
          key={search.event}
          {...{ org, timeZone, eventId: search.event }}
          onClose={() => setSearch({ event: undefined })}
        />
      )}
    </OneOrg>
  );
}
