import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useMay } from '../../api/may.ts';
import { dateAndTime, exactMoment, monthName } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { words } from '../../words/exports.ts';
import { NewScheduleDialog } from './new-schedule.tsx';
import { removeSchedule, type Schedule, schedules } from './queries.ts';

/** The schedules that close months. */
export function Schedules({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const answer = useQuery(schedules(org));
  const mayWrite = useMay('exports:write');
  const [open, setOpen] = useState<'new' | Schedule>();
  const make = (
    <Button kind="primary" onClick={() => setOpen('new')}>
      {words.schedules.make}
    </Button>
  );
  const actions: Column<Schedule> = {
    ...{ id: 'actions', title: words.schedules.columns.actions },
    cell: (schedule) => <Button onClick={() => setOpen(schedule)}>{words.schedules.remove}</Button>,
  };
  const columns = [...columnsIn(timeZone), ...(mayWrite ? [actions] : [])];
  return (
    <Panel title={words.schedules.title} answer={answer} actions={mayWrite ? make : undefined} height={120}>
      {({ items }) => (
        <>
          {items.length === 0 ? (
            <Empty title={words.schedules.none}>{words.schedules.noneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: words.schedules.title, columns, rows: items }}
              keyOf={({ scheduleId }) => scheduleId}
            />
          )}
          {open === 'new' && <NewScheduleDialog org={org} onClose={() => setOpen(undefined)} />}
          {open !== undefined && open !== 'new' && (
            <RemovalDialog
              {...{ title: words.schedules.removeTitle(open.name), text: words.schedules.removeText }}
              {...{ action: words.schedules.remove, changes: schedules(org).queryKey }}
              remove={() => removeSchedule(org, open.name)}
              onClose={() => setOpen(undefined)}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function columnsIn(timeZone: string): Column<Schedule>[] {
  const { columns } = words.schedules;
  return [
    { ...{ id: 'name', title: columns.name }, cell: ({ name }) => name },
    { ...{ id: 'data', title: columns.data }, cell: ({ dataset }) => words.datasets[dataset] },
    { ...{ id: 'grain', title: columns.grain }, cell: ({ granularity }) => words.grains[granularity] },
    {
      ...{ id: 'formats', title: columns.formats },
      cell: ({ formats }) => formats.map((format) => words.formats[format]).join(', '),
    },
    {
      ...{ id: 'next', title: columns.next },
      cell: ({ nextPeriod }) => monthName(`${nextPeriod}-15T00:00:00Z`, 'UTC'),
    },
    {
      ...{ id: 'due', title: columns.due },
      cell: ({ dueAt }) => (
        <time dateTime={dueAt} title={exactMoment(dueAt, timeZone)}>
          {dateAndTime(dueAt, timeZone)}
        </time>
      ),
    },
    {
      ...{ id: 'state', title: columns.state },
      cell: ({ failure, failures }) =>
        failures === 0 ? (
          <Status level="good">{words.schedules.works}</Status>
        ) : (
          <span title={failure ?? undefined}>
            <Status level="critical">{words.schedules.failed(failures)}</Status>
          </span>
        ),
    },
  ];
}
