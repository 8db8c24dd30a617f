import type { JsonObject } from '../../events/json-object.ts';
import type { SkippedRecord } from '../skipped-record.ts';
import type { LogRow } from './log-row.ts';

/** What a row of a call log is: an event to check and count, or a row that is no call, with the reason. */
export type LoggedCall = { event: JsonObject } | { skipped: SkippedRecord };

/** The log of another tool: how one of its rows becomes an event of usage. Pure, and keeps no prompt and no answer. */
export interface CallLog {
  /** Its rows are JSON, or also CSV. */
  rows: 'json' | 'json or csv';
  /** Faults go to the row, which names their fields as the tool does. */
  read(row: LogRow, orgId: string): LoggedCall;
}

export function noCall(id: string | undefined, reason: string): LoggedCall {
  return { skipped: { id: id ?? null, reason } };
}

/** The event with the fields that are known. */
export function usageEvent(fields: JsonObject): LoggedCall {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { event: { type: 'usage', ...Object.fromEntries(known) } };
}

/** The tokens of a log that counts cached tokens apart from the others. Unknown stays unknown. */
export function withCaches(
  apart: number | undefined,
  read: number | undefined,
  written: number | undefined,
): number | undefined {
  if (apart === undefined) return undefined;
  return apart + (read ?? 0) + (written ?? 0);
}

/** What a gateway's own cache answered: a call without tokens and without a cost, since nobody charged for it. */
export const fromCache = { inputTokens: 0, outputTokens: 0, costUsd: 0 };
