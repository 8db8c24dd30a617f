import { hostname } from 'node:os';
import { isConnectionError } from '../../database/connection-error.ts';
import { CodedError } from '../../errors.ts';
import { HOUR, sleep } from '../../time.ts';
import { folderOf } from '../delivery/destination.ts';
import { ExportFailure } from '../failure.ts';
import type { ClaimedJob } from './claim-job.ts';
import { type Lease, leaseLost, renewLease } from './lease.ts';
import { recordFailure, recordSuccess } from './settle-job.ts';
import type { ExportWorkerOptions } from './worker-options.ts';
import { writeExport } from './write-export.ts';
import type { RowProgress } from './write-rows.ts';

/** How an attempt ended: `again` if the job will be tried once more. */
export type AttemptResult = 'succeeded' | 'again' | 'failed' | 'cancelled' | 'lost' | 'stopped';

/** Attempts a claimed job, and records what came of it. */
export async function runJob(
  options: ExportWorkerOptions,
  job: ClaimedJob,
  { lease, stopping }: { lease: Lease; stopping: AbortSignal },
): Promise<AttemptResult> {
  const held = holdLease(options, lease);
  const tooLate = AbortSignal.timeout(MOST_TIME);
  const signal = AbortSignal.any([held.lost, stopping, tooLate]);
  try {
    await attempt(options, job, { lease, signal, onProgress: held.progress });
    return 'succeeded';
  } catch (thrown) {
    const failure = held.lost.aborted
      ? (held.lost.reason as ExportFailure)
      : stopping.aborted
        ? new ExportFailure('stopped', 'the worker was stopped while it wrote the export', AGAIN)
        : tooLate.aborted
          ? new ExportFailure('took_too_long', `the export took longer than ${MOST_TIME / HOUR} h`, AGAIN)
          : failureOf(thrown);
    if (failure.code === 'internal')
      options.log.error({ err: thrown, ...lease }, 'an export failed unexpectedly');
    else options.log.warn({ err: failure.cause, ...lease, code: failure.code }, failure.message);
    return await settleFailure(options, job, lease, failure);
  } finally {
    await held.letGo();
  }
}

/** An export that takes longer than this is given up. Its transaction keeps the database from cleaning up. */
const MOST_TIME = HOUR;
const AGAIN = { retryable: true } as const;

interface AttemptControl extends RowProgress {
  lease: Lease;
}

async function attempt(
  options: ExportWorkerOptions,
  job: ClaimedJob,
  { lease, signal, onProgress }: AttemptControl,
): Promise<void> {
  const { pool, exportPool, destinations, clock, retention, version, issuer, giveWay } = options;
  const { delivery } = job.request;
  const destination = destinations.of(delivery);
  // What earlier attempts left behind, perhaps with a manifest that nobody recorded.
  if (job.attempt > 1) await destination.removeFolder(destination.folderOfJob(job));
  const folder = folderOf(destination, job);
  const written = await writeExport(
    {
      ...{ pool: exportPool, destination, folder, now: clock.now(), version, issuer },
      ...{ signal, onProgress, giveWay },
    },
    job,
  );
  const heldBy = delivery.type === 'local' ? hostname() : null;
  await recordSuccess(pool, lease, { ...written, outputUri: destination.uriOf(folder), heldBy }, retention);
}

/** Records a failure first, and then removes the files: nobody knows yet whether the success has been recorded. */
async function settleFailure(
  { pool, destinations, log }: ExportWorkerOptions,
  job: ClaimedJob,
  lease: Lease,
  failure: ExportFailure,
): Promise<AttemptResult> {
  const ended = await recordFailure(pool, lease, failure);
  if (ended === 'succeeded') return 'succeeded';
  try {
    const destination = destinations.of(job.request.delivery);
    await destination.removeFolder(folderOf(destination, job));
  } catch (error) {
    log.warn({ err: error, ...lease }, 'files of a failed export remain; the next attempt removes them');
  }
  if (ended === 'lost') return 'lost';
  if (failure.code === 'stopped') return 'stopped';
  if (ended === 'again') return 'again';
  return failure.code === 'cancelled' ? 'cancelled' : 'failed';
}

/** The failure of an attempt, for people. Only messages that are meant for them are shown. */
function failureOf(thrown: unknown): ExportFailure {
  if (thrown instanceof ExportFailure) return thrown;
  if (thrown instanceof CodedError) {
    return new ExportFailure('refused', thrown.message, {
      retryable: thrown.code === 'unavailable',
      cause: thrown,
    });
  }
  if (isConnectionError(thrown)) {
    const message = 'the database was not reachable while the export was written';
    return new ExportFailure('database_unavailable', message, { retryable: true, cause: thrown });
  }
  const message = 'the service failed on this export; the log of the worker has the details';
  return new ExportFailure('internal', message, { retryable: true, cause: thrown });
}

/** Renews a lease until it is let go. `lost` aborts, with an `ExportFailure`, once the attempt has to stop. */
function holdLease({ pool, lease: length, log }: ExportWorkerOptions, lease: Lease) {
  const lost = new AbortController();
  const done = new AbortController();
  let [rows, bytes] = [0, 0];
  let renewedAt = performance.now();
  const keep = async () => {
    for (;;) {
      await sleep(length / 6, done.signal);
      if (done.signal.aborted) return;
      const began = performance.now();
      try {
        await renewLease(pool, lease, { length, rows, bytes });
        renewedAt = began;
      } catch (error) {
        if (error instanceof ExportFailure) return lost.abort(error);
        log.warn(
          { err: error, job: lease.jobId },
          'the lease of an export could not be renewed; trying again',
        );
        if (performance.now() - renewedAt > length) return lost.abort(leaseLost());
      }
    }
  };
  const keeping = keep();
  return {
    lost: lost.signal,
    progress: (progress: { rows: number; bytes: number }) => {
      [rows, bytes] = [progress.rows, progress.bytes];
    },
    letGo: () => {
      done.abort();
      return keeping;
    },
  };
}
