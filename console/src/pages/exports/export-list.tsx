import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { apiBase } from '../../api/base.ts';
import { useMay } from '../../api/may.ts';
import { bytes } from '../../numbers/bytes.ts';
import { exactCount } from '../../numbers/count.ts';
import { date, dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { CopyButton } from '../../parts/forms/copy-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import type { Question } from '../../question/question.ts';
import { words } from '../../words/exports.ts';
import { Check } from './check.tsx';
import styles from './exports.module.css';
import { cancelExport, exportJobs, isBusy, type Job, MOST_JOBS } from './queries.ts';
import { StartExport } from './start-export.tsx';

/** The exports, the newest first. */
export function ExportList({ question }: { question: Question }): ReactNode {
  const { org, timeZone } = question;
  const answer = useQuery(exportJobs(org));
  const mayWrite = useMay('exports:write');
  const [open, setOpen] = useState<'new' | Job>();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: (job: Job) => cancelExport(org, job.jobId),
    onSettled: () => client.invalidateQueries({ queryKey: ['exports', org] }),
  });
  const make = (
    <Button kind="primary" onClick={() => setOpen('new')}>
      {words.make}
    </Button>
  );
  const columns = [
    ...columnsIn(timeZone),
    ...(mayWrite ? [actionsColumn({ onCancel: cancel.mutate, onAgain: setOpen })] : []),
  ];
  return (
    <Panel title={words.csvTitle} answer={answer} actions={mayWrite ? make : undefined} height={180}>
      {({ items, next }) => (
        <>
          <ActionFailure error={cancel.error} />
          {items.length === 0 ? (
            <Empty title={words.none}>{words.noneText}</Empty>
          ) : (
            <DataTable {...{ caption: words.csvTitle, columns, rows: items }} keyOf={({ jobId }) => jobId} />
          )}
          {next !== null && <p className={styles.quiet}>{words.newest(MOST_JOBS)}</p>}
          {open !== undefined && (
            <StartExport
              question={question}
              like={open === 'new' ? undefined : open}
              onClose={() => setOpen(undefined)}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function columnsIn(timeZone: string): Column<Job>[] {
  const { columns } = words;
  const when = (moment: string) => (
    <time dateTime={moment} title={exactMoment(moment, timeZone)}>
      {dateAndTime(moment, timeZone)}
    </time>
  );
  return [
    { ...{ id: 'made', title: columns.made }, cell: ({ createdAt }) => when(createdAt) },
    {
      ...{ id: 'data', title: columns.data },
      cell: ({ dataset, granularity }) => (
        <span title={words.grains[granularity]}>{words.datasets[dataset]}</span>
      ),
    },
    {
      ...{ id: 'time', title: columns.time },
      cell: ({ timeRange: { start, end } }) => (
        <span title={`${exactMoment(start, timeZone)} – ${exactMoment(end, timeZone)}`}>
          {date(start, timeZone)} – {date(Date.parse(end) - 1, timeZone, { year: true })}
        </span>
      ),
    },
    { ...{ id: 'state', title: columns.state }, cell: (job) => <State job={job} /> },
    {
      ...{ id: 'rows', title: columns.rows, isNumber: true },
      cell: ({ rowCount }) => exactCount(rowCount),
    },
    { ...{ id: 'check', title: columns.check }, cell: (job) => <Check job={job} /> },
    { ...{ id: 'files', title: columns.files }, cell: (job) => <Files job={job} /> },
    {
      ...{ id: 'expires', title: columns.expires },
      cell: ({ expiresAt }) => (expiresAt === undefined ? '–' : when(expiresAt)),
    },
  ];
}

const levels: Record<Job['status'], Level> = {
  pending: 'info',
  running: 'info',
  succeeded: 'good',
  failed: 'critical',
  expired: 'unknown',
  cancelled: 'unknown',
};

function State({ job }: { job: Job }): ReactNode {
  const { status, progress, error, truncated, warnings } = job;
  return (
    <div className={styles.state}>
      <Status level={levels[status]}>{words.states[status]}</Status>
      {status === 'running' && (
        <span className={styles.quiet}>{words.progress(exactCount(progress.rows))}</span>
      )}
      {error !== undefined && <span className={styles.quiet}>{error}</span>}
      {truncated && <Status level="warning">{words.truncated}</Status>}
      {warnings.map((warning) => (
        <span key={warning} className={styles.quiet}>
          {warning}
        </span>
      ))}
    </div>
  );
}

/** Each file with its size, and its checksum to copy. */
function Files({ job }: { job: Job }): ReactNode {
  if (job.status !== 'succeeded') return '–';
  const path = `${apiBase}/analytics/v1/orgs/${encodeURIComponent(job.orgId)}/exports/${job.jobId}/download`;
  return (
    <ul className={styles.files}>
      {job.files.map(({ name, format, bytes: size, sha256 }) => {
        const href = `${path}?file=${encodeURIComponent(name)}`;
        const curl = `curl -L -H "X-API-Key: $KEY" -o ${name} "${location.origin}${href}"`;
        return (
          <li key={name}>
            <a href={href} download={name} title={name}>
              {words.download(format, bytes(size))}
            </a>
            <CopyButton text={sha256} label={words.sha} title={sha256} />
            <CopyButton text={curl} label={words.curl} title={curl} />
          </li>
        );
      })}
    </ul>
  );
}

interface Actions {
  onCancel: (job: Job) => void;
  onAgain: (job: Job) => void;
}

function actionsColumn({ onCancel, onAgain }: Actions): Column<Job> {
  return {
    ...{ id: 'actions', title: words.columns.actions },
    cell: (job) =>
      isBusy(job) ? (
        <Button onClick={() => onCancel(job)}>{words.cancel}</Button>
      ) : (
        <Button onClick={() => onAgain(job)}>{words.again}</Button>
      ),
  };
}
