import { hostname } from 'node:os';
import { isConnectionError } from '../../database/connection-error.ts';
import { CodedError } from '../../errors.ts';
import { sleep } from '../../time.ts';
import { ExportFailure } from '../failure.ts';
import type { ClaimedJob } from './claim-job.ts';
import { type Lease, leaseLost, renewLease } from './lease.ts';
import { recordFailure, recordSuccess } from './settle-job.ts';
import type { ExportWorkerOptions } from './worker-options.ts';
import { writeExport } from './write-export.ts';

/** How an attempt ended: `again` if the job will be tried once more. */
export type AttemptResult = 'succeeded' | 'again' | 'failed' | 'cancelled' | 'lost' | 'stopped';

/** Attempts a claimed job, and records what came of it. */
export async function runJob(
  options: ExportWorkerOptions,
  job: ClaimedJob,
  { lease, stopping }: { lease: Lease; stopping: AbortSignal },
): Promise<AttemptResult> {
  const { pool, exportPool, destination, clock, retention, version, issuer, log } = options;
  const folder = `${job.jobId}/${job.attempt}`;
  const held = holdLease(options, lease);
  const signal = AbortSignal.any([held.lost, stopping]);
  try {
    // What earlier attempts left behind.
    for (let attempt = 1; attempt < job.attempt; attempt++)
      await destination.removeFolder(`${job.jobId}/${attempt}`);
    const written = await writeExport(
      {
        ...{ pool: exportPool, destination, folder, now: clock.now(), version, issuer },
        ...{ signal, onProgress: held.progress },
      },
      job,
    );
    const finished = { ...written, outputUri: destination.uriOf(folder), heldBy: hostname() };
    await recordSuccess(pool, lease, finished, retention);
    return 'succeeded';
  } catch (thrown) {
    await destination.removeFolder(folder).catch((error: unknown) => {
      log.warn(
        { err: error, folder },
        'files of a failed export could not be removed; retention removes them',
      );
    });
    const stopped = stopping.aborted && !held.lost.aborted;
    const failure = stopped
      ? stoppedByRestart(thrown)
      : failureOf(held.lost.aborted ? held.lost.reason : thrown);
    if (failure.code === 'internal')
      log.error({ err: thrown, job: job.jobId }, 'an export failed unexpectedly');
    else log.warn({ job: job.jobId, attempt: job.attempt, code: failure.code }, failure.message);
    if (failure.code === 'lease_lost') return 'lost';
    const ended = await recordFailure(pool, lease, failure);
    if (stopped) return 'stopped';
    if (ended === 'again') return 'again';
    return failure.code === 'cancelled' ? 'cancelled' : 'failed';
  } finally {
    await held.letGo();
  }
}

function stoppedByRestart(cause: unknown): ExportFailure {
  return new ExportFailure('stopped', 'the worker was stopped while it wrote the export', {
    retryable: true,
    cause,
  });
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
