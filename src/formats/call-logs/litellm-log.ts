import { liteLlmEvent, whyNoLiteLlmCall } from '../litellm.ts';
import { type CallLog, type LoggedCall, noCall } from './call-log.ts';
import type { LogRow } from './log-row.ts';

/**
 * What LiteLLM's loggers put into a bucket or a file, one payload a line. It is the payload that the callback `generic_api`
 * sends, so a call that came both ways counts once.
 *
 * Source: BerriAI/litellm, `StandardLoggingPayload` in litellm/types/utils.py, written by
 * litellm/integrations/s3_v2.py.
 */
export const liteLlmLog: CallLog = { rows: 'json', read };

function read(row: LogRow, orgId: string): LoggedCall {
  const payload = row.all;
  const why = whyNoLiteLlmCall(payload);
  if (why !== undefined) return noCall(row.text('id', 'litellm_call_id'), why);
  const event = liteLlmEvent(payload, orgId);
  if (typeof event !== 'string') return { event };
  row.faults.push(event);
  return { event: {} };
}
