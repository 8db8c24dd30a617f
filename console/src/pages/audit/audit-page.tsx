import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { apiBase } from '../../api/base.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Skeleton } from '../../parts/panel.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion } from '../../question/question.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/settings/audit.ts';
import styles from './audit.module.css';
import { differences } from './diff.ts';
import { EntryDialog } from './entry-dialog.tsx';
import { Filters } from './filters.tsx';
import { auditEntries, auditQuestion, type Entry } from './queries.ts';
import { readAudit } from './search.ts';

/** Who changed what. */
export function AuditPage(): ReactNode {
  const question = useQuestion();
  const search = usePageSearch(readAudit);
  const answer = useInfiniteQuery(auditEntries(question, search));
  const [open, setOpen] = useState<Entry>();
  const { timeZone } = question;
  const csv = writeSearch({ ...auditQuestion(question, search), format: 'csv' });
  const rows = answer.data?.pages.flatMap(({ entries }) => entries);
  return (
    <section className={styles.panel} aria-label={words.title}>
      <header className={styles.header}>
        <Filters key={JSON.stringify(search)} search={search} />
        <a href={`${apiBase}/api/v1/analytics/audit${csv}`} download>
          {words.csv}
        </a>
      </header>
      {answer.error !== null && (
        <FailurePanel
          error={answer.error}
          onRetry={() => void answer.refetch()}
          isOlderShown={rows !== undefined}
        />
      )}
      {answer.isPending && <Skeleton height={300} />}
      {rows?.length === 0 && <Empty title={words.none}>{words.noneText}</Empty>}
      {rows !== undefined && rows.length > 0 && (
        <DataTable
          {...{ caption: words.title, columns: columnsIn(timeZone, setOpen), rows }}
          keyOf={({ id }) => id}
        />
      )}
      <MoreButton of={answer} />
      {open !== undefined && (
        <EntryDialog entry={open} timeZone={timeZone} onClose={() => setOpen(undefined)} />
      )}
    </section>
  );
}

function columnsIn(timeZone: string, onOpen: (entry: Entry) => void): Column<Entry>[] {
  const { columns } = words;
  return [
    {
      ...{ id: 'at', title: columns.at },
      cell: ({ at }) => (
        <time dateTime={at} title={exactMoment(at, timeZone)}>
          {dateAndTime(at, timeZone)}
        </time>
      ),
    },
    {
      ...{ id: 'actor', title: columns.actor },
      cell: ({ actorId, actorVia }) => <span title={words.via(actorVia)}>{actorId}</span>,
    },
    { ...{ id: 'action', title: columns.action }, cell: ({ action }) => <code>{action}</code> },
    { ...{ id: 'org', title: columns.org }, cell: ({ orgId }) => orgId ?? '–' },
    {
      ...{ id: 'subject', title: columns.subject },
      cell: ({ subject }) => <span className={styles.subject}>{subject ?? '–'}</span>,
    },
    {
      ...{ id: 'change', title: columns.change },
      cell: (entry) => {
        const count = differences(entry.before, entry.after).length;
        return (
          <Button kind="quiet" onClick={() => onOpen(entry)}>
            {count === 0 ? words.show : words.changes(count)}
          </Button>
        );
      },
    },
  ];
}
