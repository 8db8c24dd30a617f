import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSharedSearch } from '../question/question.ts';
import { rangeText } from '../range/range.ts';
import type { CallFilters } from './filters.ts';

interface EventsLinkProps {
  filters: CallFilters;
  /** The time of the events; without it the range of the page. */
  time?: { start: number; end: number };
  title?: string;
  className?: string | undefined;
  children: ReactNode;
}

/** Leads to the events with these filters. */
export function EventsLink({ filters, time, title, className, children }: EventsLinkProps): ReactNode {
  const shared = useSharedSearch();
  const search = {
    ...shared,
    ...(time && { range: rangeText(time.start, time.end) }),
    type: 'usage',
    ...filters,
  };
  return (
    <Link to="/events" search={search as never} preload={false} {...{ title, className }}>
      {children}
    </Link>
  );
}
