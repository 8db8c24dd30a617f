/** Why an attempt or a job failed. */
export type FailureCode =
  | 'does_not_reconcile'
  | 'cancelled'
  | 'lease_lost'
  | 'disk_full'
  | 'delivery_refused'
  | 'delivery_unavailable'
  | 'numbers_changed'
  | 'took_too_long'
  | 'stopped'
  | 'refused'
  | 'worker_lost'
  | 'database_unavailable'
  | 'internal';

/** Fails an attempt. Its message is shown to whoever asked for the export. */
export class ExportFailure extends Error {
  readonly code: FailureCode;
  /** Whether the same export may succeed later. */
  readonly retryable: boolean;

  constructor(code: FailureCode, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ExportFailure';
    this.code = code;
    this.retryable = options.retryable;
  }
}
