import { CodedError } from '../../errors.ts';
import { DEFAULT_TYPE } from '../../events/catalogue.ts';
import { type CallLogFormat, callLogs, isCallLog } from '../../formats/call-logs/call-logs.ts';
import { LogRow } from '../../formats/call-logs/log-row.ts';
import { createRowMapper, type RowMapping } from '../../formats/row-mapping.ts';
import type { SkippedRecord } from '../../formats/skipped-record.ts';
import type { ImportFormat } from './rows.ts';

type Cells = Record<string, unknown>;

/** The event of a row, which is checked later; a row that is no call; or why the row cannot be read. */
export type RowOutcome = { event: Cells } | { skipped: SkippedRecord } | { fault: string };

/**
 * Returns a function that makes an event of a row of a file.
 * @throws {CodedError} `invalid_request` for a mapping that does not fit the format
 */
export function eventOfRow(format: ImportFormat, mapping: RowMapping): (cells: Cells) => RowOutcome {
  if (isCallLog(format)) return callOfRow(format, mapping);
  const toEvent = createRowMapper(mapping, { textual: format === 'csv' });
  return (cells) => ({ event: toEvent(cells) });
}

function callOfRow(format: CallLogFormat, { map, set, type }: RowMapping): (cells: Cells) => RowOutcome {
  const orgId = set.get('orgId');
  if (orgId === undefined)
    throw unfit(format, 'needs --set orgId=ORG, because the file does not say whose calls they are');
  if (map.size > 0)
    throw unfit(format, 'takes no --map, because it knows the fields; --set gives a field a value');
  if (type !== undefined && type !== DEFAULT_TYPE)
    throw unfit(format, `takes no --type ${type}, because its rows are calls to models`);
  const withSet = createRowMapper({ map, set }, { textual: false });
  const { read } = callLogs[format];
  return (cells) => {
    const row = new LogRow(cells);
    const call = read(row, orgId);
    if ('skipped' in call) return call;
    return row.faults.length > 0 ? { fault: row.faults.join('; ') } : { event: withSet(call.event) };
  };
}

function unfit(format: string, why: string): CodedError {
  return new CodedError('invalid_request', `--format ${format} ${why}`);
}
