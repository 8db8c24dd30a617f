import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { IncidentLink } from '../../calls/incident-link.tsx';
import { exactCount } from '../../numbers/count.ts';
import { dateAndTime } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Skeleton } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { type Question, useSetSearch } from '../../question/question.ts';
import type { Range } from '../../range/range.ts';
import { words } from '../../words/events.ts';
import { columnsIn } from './columns.tsx';
import styles from './events.module.css';
import { FilterBar } from './filter-bar.tsx';
import { type Bounded, type EventPage, eventPages } from './queries.ts';
import type { EventFilters } from './search.ts';
import { Tail } from './tail.tsx';

interface EventListProps {
  question: Question;
  filters: EventFilters;
}

/** The events of the range, page by page; while it is live, new ones appear at the top. */
export function EventList({ question, filters }: EventListProps): ReactNode {
  const { org, isLive, timeZone } = question;
  // Pages of a range that moves would not fit together, so it stands still while somebody looks at older events.
  const [kept, setKept] = useState<Range>();
  const isTail = isLive && kept === undefined;
  const range = kept ?? question.range;
  const options = eventPages({ org, range, filters, isTail });
  const answer = useInfiniteQuery(options);
  const client = useQueryClient();
  const setSearch = useSetSearch();
  const rows = answer.data?.pages.flatMap(({ events }) => events);
  const bounded = answer.data?.pages.at(-1)?.bounded;
  const older = () => {
    setKept(range);
    void answer.fetchNextPage();
  };
  const newest = () => {
    // The tail asks for every page that is there, so only the first stays.
    client.setQueryData(options.queryKey, firstPageOf);
    setKept(undefined);
  };
  const { isFetchingNextPage } = answer;
  return (
    <section className={styles.panel} aria-label={words.title}>
      <header className={styles.header}>
        <h2>{words.title}</h2>
        <div className={styles.row}>
          <Tail question={question} isPaused={kept !== undefined} onNewest={newest} />
          <IncidentLink question={{ ...question, range }} filters={filters} />
        </div>
      </header>
      <FilterBar filters={filters} />
      {answer.error !== null && (
        <FailurePanel
          error={answer.error}
          onRetry={() => void answer.refetch()}
          isOlderShown={rows !== undefined}
        />
      )}
      {answer.isPending && <Skeleton height={400} />}
      {rows?.length === 0 && bounded === null && (
        <Empty
          title={words.none}
          action={<Button onClick={() => setSearch({ range: '30d' })}>{words.longer}</Button>}
        >
          {words.noneText}
        </Empty>
      )}
      {rows !== undefined && rows.length > 0 && (
        <DataTable
          {...{ caption: words.title, rows }}
          columns={columnsIn(timeZone, (event) => setSearch({ event }))}
          keyOf={({ eventId, type }) => `${type} ${eventId}`}
        />
      )}
      {bounded != null && <BoundedNote bounded={bounded} timeZone={timeZone} />}
      {answer.hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={older}>
          {isFetchingNextPage ? words.loading : bounded == null ? words.more : words.bounded.on}
        </Button>
      )}
    </section>
  );
}

type Pages = InfiniteData<EventPage, unknown>;

function firstPageOf(data: Pages | undefined): Pages | undefined {
  return data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) };
}

/** Says that the search ended early, so that nobody takes the list for complete. */
function BoundedNote({ bounded, timeZone }: { bounded: Bounded; timeZone: string }): ReactNode {
  const { by, rowsLookedAt, searchedBackTo } = bounded;
  const time = dateAndTime(searchedBackTo, timeZone);
  return (
    <p>
      <Status level="warning">
        {by === 'time' ? words.bounded.time(time) : words.bounded.rows(exactCount(rowsLookedAt), time)}{' '}
        {words.bounded.text}
      </Status>
    </p>
  );
}
