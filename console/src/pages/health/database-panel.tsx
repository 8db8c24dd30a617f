import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { bytes } from '../../numbers/bytes.ts';
import { exactCount } from '../../numbers/count.ts';
import { duration } from '../../numbers/duration.ts';
import { percent } from '../../numbers/percent.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/figures/facts.tsx';
import { Duration } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../question/now.ts';
import { words } from '../../words/health.ts';
import styles from './health.module.css';
import { type Database, databaseHealth } from './queries.ts';

type Pool = Database['pools'][number];
type Statement = NonNullable<Database['slowStatements']>[number];

const text = words.database;

/** The database now: its connections, the pools of this service, and slow statements. */
export function DatabasePanel(): ReactNode {
  const { now } = useNow();
  const answer = useQuery(databaseHealth(now));
  return (
    <Panel title={text.title} answer={answer} height={260}>
      {(database) => (
        <div className={styles.stack}>
          <Facts facts={factsOf(database)} />
          {database.missing.map(({ part, reason }) => (
            <p key={part} className={styles.quiet}>
              {text.missing(part, reason)}
            </p>
          ))}
          <h3>{text.pools}</h3>
          <DataTable
            {...{ caption: text.pools, columns: poolColumns, rows: database.pools }}
            keyOf={({ pool }) => pool}
          />
          <h3>{text.slow}</h3>
          {database.slowStatements === null || database.slowStatements.length === 0 ? (
            <Empty title={text.slowNone}>{text.slowNoneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: text.slow, columns: slowColumns, rows: database.slowStatements }}
              keyOf={(statement) => JSON.stringify(statement)}
            />
          )}
        </div>
      )}
    </Panel>
  );
}

function factsOf({
  connections,
  cache,
  latency,
  replication,
  totalBytes,
}: Database): Record<string, ReactNode> {
  return {
    [text.connections]:
      connections === null ? '–' : text.of(exactCount(connections.total), exactCount(connections.max)),
    [text.waiting]: exactCount(connections?.waiting),
    [text.longest]: connections === null ? '–' : duration(connections.longestTransactionSeconds * 1_000),
    [text.probe]: <Duration ms={latency.probeMs} />,
    [words.query]: <Duration ms={latency.queryMs.p95} />,
    [text.hit]: percent(cache?.hitRatio),
    [text.size]: bytes(totalBytes),
    [text.role]: replication === null ? '–' : text.roles[replication.role],
  };
}

const poolColumns: readonly Column<Pool>[] = [
  { ...{ id: 'pool', title: text.poolColumns.pool }, cell: ({ pool }) => pool },
  ...(['active', 'idle', 'waiting', 'max'] as const).map((id) => ({
    ...{ id, title: text.poolColumns[id], isNumber: true },
    cell: (pool: Pool) => exactCount(pool[id]),
  })),
  {
    ...{ id: 'state', title: text.poolColumns.state },
    cell: ({ waiting }) => (
      <Status level={waiting > 0 ? 'warning' : 'good'}>
        {waiting > 0 ? text.poolStates.full : text.poolStates.free}
      </Status>
    ),
  },
];

const slowColumns: readonly Column<Statement>[] = [
  {
    ...{ id: 'query', title: text.slowColumns.query },
    cell: ({ query }) => (
      <code className={styles.query} title={query}>
        {query}
      </code>
    ),
  },
  {
    ...{ id: 'calls', title: text.slowColumns.calls, isNumber: true },
    cell: ({ calls }) => exactCount(calls),
  },
  {
    ...{ id: 'mean', title: text.slowColumns.mean, isNumber: true },
    cell: ({ meanMs }) => <Duration ms={meanMs} />,
  },
  {
    ...{ id: 'max', title: text.slowColumns.max, isNumber: true },
    cell: ({ maxMs }) => <Duration ms={maxMs} />,
  },
  {
    ...{ id: 'total', title: text.slowColumns.total, isNumber: true },
    cell: ({ totalMs }) => <Duration ms={totalMs} />,
  },
];
