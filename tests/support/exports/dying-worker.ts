/**
 * A worker that kills itself (SIGKILL) at a step of the next job: `dying-worker.ts DATABASE_URL FOLDER STEP`. Steps:
 * `claimed`, `writing`, `one-file` (the second is not finished), `no-manifest`, `uploaded` (but not recorded).
 */

import { createPool } from '../../../src/database/pool.ts';
import type { Destination } from '../../../src/exports/delivery/destination.ts';
import { destinationsOf, exportWorker } from './workers.ts';

const [url = '', folder = '', step] = process.argv.slice(2);

function dieAt(reached: string): void {
  if (reached === step) process.kill(process.pid, 'SIGKILL');
}

function dying(destination: Destination): Destination {
  let finished = 0;
  return {
    ...destination,
    async create(path, contentType) {
      dieAt('claimed');
      const isManifest = path.endsWith('manifest.json');
      if (isManifest) dieAt('no-manifest');
      const upload = await destination.create(path, contentType);
      upload.stream.once('drain', () => dieAt('writing'));
      return {
        ...upload,
        async finish() {
          dieAt('writing');
          await upload.finish();
          if (++finished === 1) dieAt('one-file');
          if (isManifest) dieAt('uploaded');
        },
      };
    },
  };
}

const local = destinationsOf({ EXPORT_DIR: folder });
const pool = createPool({
  ...{
    connectionString: url,
    max: 3,
    applicationName: 'dying worker',
    statementTimeoutMs: 0,
    onError: () => {},
  },
});
await exportWorker(pool, folder, {
  destinations: { choose: local.choose, of: (delivery) => dying(local.of(delivery)) },
}).writeNext();
await pool.end();
