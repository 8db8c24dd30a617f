import type { Capability } from '../../auth/roles.ts';
import type { Dataset, DatasetSource, OpenDataset } from '../dataset.ts';
import type { ExportRequest } from '../request.ts';
import type { Cell, Cells } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';
import { readCursor } from './read-cursor.ts';

type TableColumn = ExportColumn & {
  /** The cell as SQL. */
  sql: string;
};

interface Table {
  capability: Capability;
  /** The table with its alias `t`. */
  from: string;
  /** A condition over `t`; the org is `$1`. */
  ofOrg: string;
  /** The time that the range of an export is about. */
  time: string;
  columns: readonly TableColumn[];
}

/** Alerts that fired within the range, the newest first. An alert of a rule over all orgs belongs to no org. */
export const alertsDataset: Dataset = tableDataset({
  capability: 'alerts:read',
  from: 'analytics.alert_history t',
  ofOrg: 't.org_id = $1 and not t.all_orgs',
  time: 't.triggered_at',
  columns: [
    text('alert_id', 't.id::text'),
    text('org_id', 't.org_id'),
    text('rule', 't.name'),
    text('metric', 't.metric'),
    text('severity', 't.severity'),
    json('group', 't.group_key'),
    text('workflow', 't.workflow'),
    time('pending_at', 't.pending_at'),
    time('triggered_at', 't.triggered_at'),
    time('resolved_at', 't.resolved_at'),
    text('resolved_by', 't.resolved_by'),
    time('acknowledged_at', 't.acknowledged_at'),
    text('acknowledged_by', 't.acknowledged_by'),
    text('note', 't.note'),
    { name: 'value', type: 'decimal', sql: 't.value' },
    { name: 'threshold', type: 'decimal', sql: 't.threshold' },
    { name: 'window_seconds', type: 'integer', total: false, sql: 't.window_seconds' },
    { name: 'samples', type: 'integer', total: false, sql: 't.samples' },
    text('rule_id', 't.config_id::text'),
  ],
});

/** What was done in an org within the range, the newest first. */
export const auditDataset: Dataset = tableDataset({
  capability: 'keys:manage',
  from: 'analytics.audit_log t',
  ofOrg: 't.org_id = $1',
  time: 't.at',
  columns: [
    { name: 'entry_id', type: 'integer', total: false, sql: 't.id' },
    time('at', 't.at'),
    text('org_id', 't.org_id'),
    text('actor_id', 't.actor_id'),
    text('actor_via', 't.actor_via'),
    text('action', 't.action'),
    text('subject', 't.subject'),
    text('route', 't.route'),
    text('request_id', 't.request_id'),
    json('before', 't.before::text'),
    json('after', 't.after::text'),
  ],
});

function text(name: string, sql: string): TableColumn {
  return { name, type: 'text', sql };
}

function json(name: string, sql: string): TableColumn {
  return { name, type: 'json', sql };
}

/** A time with its microseconds. */
function time(name: string, column: string): TableColumn {
  return {
    name,
    type: 'time',
    sql: `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  };
}

function tableDataset(table: Table): Dataset {
  return {
    capability: table.capability,
    // Rows are kept or not; an empty file is valid.
    check: () => {},
    open: (source, request) => openTable(table, source, request),
  };
}

async function openTable(
  { from, ofOrg, time: at, columns }: Table,
  { client, now }: DatasetSource,
  { orgId, range }: ExportRequest,
): Promise<OpenDataset> {
  const select = columns.map(({ sql }, index) => `${sql} as c${index}`).join(', ');
  const statement = `select ${select} from ${from}
    where ${ofOrg} and ${at} >= $2 and ${at} < $3 order by ${at} desc, t.id desc`;
  const values = [orgId, new Date(range.start), new Date(range.end)];
  return {
    columns: columns.map(({ sql: _, ...column }) => column),
    batches: cells(),
    completeTo: new Date(now).toISOString(),
  };

  async function* cells(): AsyncGenerator<readonly Cells[]> {
    for await (const rows of readCursor<Record<string, Cell>>(client, statement, values))
      yield rows.map((row) => columns.map((_, index) => row[`c${index}`] ?? null));
  }
}
