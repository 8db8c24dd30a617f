import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { duration } from '../../numbers/duration.ts';
import { MISSING } from '../../numbers/locale.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../question/now.ts';
import { RunbookLink } from '../../shell/runbook-link.tsx';
import { words } from '../../words/health.ts';
import styles from './health.module.css';
import { type Part, partsOf } from './parts-of-pipeline.ts';
import { pipelineHealth } from './queries.ts';

const text = words.pipeline;

/** What waits on its way, of the whole service. */
export function PipelinePanel(): ReactNode {
  const { now } = useNow();
  const answer = useQuery(pipelineHealth(now));
  return (
    <Panel title={text.title} note={text.note} answer={answer} height={160}>
      {(pipeline) => (
        <div className={styles.stack}>
          <DataTable
            {...{ caption: text.title, columns: columnsFor(partsOf(pipeline)), rows: partsOf(pipeline) }}
            keyOf={({ name }: Part) => name}
          />
          {pipeline.rabbitmq === null && <p className={styles.quiet}>{text.noRabbitmq}</p>}
          {pipeline.outbox?.length === 0 && <p className={styles.quiet}>{text.noNotices}</p>}
          {pipeline.missing.map(({ part, reason }) => (
            <p key={part} className={styles.quiet}>
              {text.missing(part, reason)}
            </p>
          ))}
        </div>
      )}
    </Panel>
  );
}

/** Where all moves, nothing leads to the runbook. */
function columnsFor(parts: readonly Part[]): Column<Part>[] {
  const hasTodo = parts.some(({ about }) => about !== undefined);
  return columns.filter(({ id }) => hasTodo || id !== 'todo');
}

const columns: readonly Column<Part>[] = [
  { ...{ id: 'part', title: text.columns.part }, cell: ({ name }) => name },
  {
    ...{ id: 'waiting', title: text.columns.waiting, isNumber: true },
    cell: ({ waiting, isMore = false }) => (isMore ? text.more(exactCount(waiting)) : exactCount(waiting)),
  },
  {
    ...{ id: 'oldest', title: text.columns.oldest, isNumber: true },
    cell: ({ oldestSeconds }) => (oldestSeconds ? duration(oldestSeconds * 1_000) : MISSING),
  },
  {
    ...{ id: 'state', title: text.columns.state },
    cell: ({ level, state }) => <Status level={level}>{state}</Status>,
  },
  {
    ...{ id: 'todo', title: text.columns.todo },
    cell: ({ about }) => about !== undefined && <RunbookLink about={about} />,
  },
];
