import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
import { HOUR, MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makePostgres } from '../../support/database/own-postgres.ts';
import { startLoad } from '../../support/service/service-under-load.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const [libfaketime] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
const newDirectory = useDirectories();

/** Runs processes on another clock, which can be set while they run. */
async function makeClock() {
  const file = join(await newDirectory(), 'clock');
  const set = (offset: string) => writeFile(file, `${offset}\n`);
  await set('+0');
  return {
    set,
    env: {
      LD_PRELOAD: libfaketime ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      // A monotonic clock goes on whatever the clock is set to.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  };
}

describe(
  'under load, nothing is lost or counted twice when',
  skipUnless(libfaketime, 'needs libfaketime'),
  () => {
    test.for([
      { whose: 'the service', service: true, server: false },
      { whose: 'PostgreSQL', service: false, server: true },
      { whose: 'the whole machine', service: true, server: true },
    ])('the clock of $whose is set', { timeout: 8 * MINUTE }, async ({ whose, service, server }, context) => {
      const clock = await makeClock();
      const postgres = await makePostgres({
        directory: await newDirectory(),
        ...(server && { env: clock.env }),
      });
      await postgres.start();
      onTestFinished(() => postgres.stop());
      const load = await startLoad({
        dataDir: await newDirectory(),
        databaseUrl: await postgres.newDatabase(),
        // No client sends events of the future yet.
        age: 2 * HOUR,
        ...(service && { env: clock.env }),
      });
      onTestFinished(load.end);
      for (const [offset, how] of [
        ['+2400', '40 minutes forward'],
        ['-2400', '80 minutes back'],
        ['+0', 'right'],
      ] as const) {
        await clock.set(offset);
        await sleep(2 * SECOND);
        await load.recovered(context, `the clock of ${whose} set ${how}`);
      }
      await load.settle();
    });
  },
);
