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

/** A unique job without a cost of its own, changed as the test needs. */
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
