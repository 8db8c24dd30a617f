/** An `ml_job` event as a caller sends it. */
export interface MlJobEvent {
  eventId: string;
  orgId: string;
  type: 'ml_job';
  occurredAt: string;
  pipeline: string;
  operation?: string;
  provider: string;
  status: 'success' | 'error' | 'timeout' | 'throttled' | 'cancelled';
  errorCode?: string;
  durationMs: number;
  inputTokens?: number;
  outputTokens?: number;
  costCents?: number;
}

let made = 0;

/** A job like no other of this process, with what the test cares about set. It does not say what it cost. */
export function makeJob(overrides: Partial<MlJobEvent> & { occurredAt: string }): MlJobEvent {
  return {
    eventId: `job-${process.pid}-${++made}`,
    orgId: 'acme',
    type: 'ml_job',
    pipeline: '3d',
    provider: 'replicate',
    status: 'success',
    durationMs: 10_000,
    ...overrides,
  };
}
