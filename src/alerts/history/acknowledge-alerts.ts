import { CodedError, type ErrorCode } from '../../errors.ts';
import { type ActedBy, type ActOptions, actOnAlert } from './act-on-alert.ts';

export interface Acknowledgements {
  acknowledged: string[];
  /** The alerts that could not be acknowledged, each with its error. */
  failed: { id: string; code: ErrorCode; detail: string }[];
}

/** Acknowledges several alerts, each in a transaction of its own, so that one that fails does not stop the others. */
export async function acknowledgeAlerts(
  options: ActOptions,
  ids: readonly string[],
  by: ActedBy,
): Promise<Acknowledgements> {
  const done: Acknowledgements = { acknowledged: [], failed: [] };
  for (const id of new Set(ids)) {
    try {
      await actOnAlert(options, id, 'acknowledge', by);
      done.acknowledged.push(id);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      done.failed.push({ id, code: error.code, detail: error.message });
    }
  }
  return done;
}
