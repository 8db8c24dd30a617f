/** Connections to this database, by state. */
export interface ConnectionFigures {
  total: number;
  active: number;
  idle: number;
  idleInTransaction: number;
  /** Active connections that wait for a lock. */
  waiting: number;
  /** Connections of other roles, whose state the service's role may not see. */
  hidden: number;
  max: number;
  longestTransactionSeconds: number;
}

export interface CacheFigures {
  /** Share of blocks found in PostgreSQL's cache since `since`, 0 to 1; null if no block was read. */
  hitRatio: number | null;
  commits: number;
  rollbacks: number;
  deadlocks: number;
  temporaryBytes: number;
  since: string | null;
}

export interface TableFigures {
  table: string;
  /** Number of partitions; the other figures are sums over all of them. */
  partitions: number;
  tableBytes: number;
  indexBytes: number;
  /** Estimated by the server. */
  rows: number;
  deadRows: number;
}

export interface ReplicationFigures {
  role: 'primary' | 'replica';
  /** On a replica: age of the last replayed transaction, or 0 if all are replayed. Null on a primary. */
  replayLagSeconds: number | null;
  /** On a primary: its replicas. Figures that the service's role may not see are null. */
  replicas: {
    name: string;
    state: string | null;
    syncState: string | null;
    lagBytes: number | null;
    lagSeconds: number | null;
  }[];
}

export interface StatementFigures {
  query: string;
  calls: number;
  meanMs: number;
  maxMs: number;
  totalMs: number;
  rows: number;
}
