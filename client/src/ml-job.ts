import type { EventOf, Tracker } from './event.ts';
import { statusOf } from './failure.ts';

/** What an ML job is known by before it runs, and what it adds while it runs. */
export type JobRun = Omit<EventOf<'ml_job'>, 'type' | 'status' | 'durationMs' | 'occurredAt'>;

export async function runJob<T>(tracker: Tracker, job: JobRun, run: (job: JobRun) => Promise<T>): Promise<T> {
  const began = Date.now();
  const beganExactly = performance.now();
  const event = { ...job };
  const end = (ending: Pick<EventOf<'ml_job'>, 'status' | 'errorCode'>) =>
    tracker.track({
      ...event,
      ...ending,
      type: 'ml_job',
      occurredAt: new Date(began),
      durationMs: performance.now() - beganExactly,
    });
  try {
    const result = await run(event);
    end({ status: 'success' });
    return result;
  } catch (error) {
    const { status, errorCode } = statusOf(error);
    const cancelled = (error as Error | undefined)?.name === 'AbortError';
    end({ status: cancelled ? 'cancelled' : status, errorCode });
    throw error;
  }
}
