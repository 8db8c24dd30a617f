import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makePostgres, type OwnPostgres } from '../../support/database/own-postgres.ts';
import { openProxy } from '../../support/servers/tcp-proxy.ts';
import { startLoad } from '../../support/service/service-under-load.ts';
import { skipUnless } from '../../support/skip-unless.ts';
import { makeNamespace, mayMakeNamespaces, type NetworkNamespace } from './network-namespace.ts';

/** Longer than the service waits for an answer. */
const CUT = 12 * SECOND;
const limit = { timeout: 8 * MINUTE };
const mayAnswer = ['503 unavailable', '504 timed_out', '429 overloaded'];
const newDirectory = useDirectories();

describe('under load, nothing is lost or counted twice when the network to PostgreSQL is cut', limit, () => {
  test('and its connections never come back', async (context) => {
    const postgres = await makePostgres({ directory: await newDirectory() });
    await postgres.start();
    onTestFinished(() => postgres.stop());
    const directUrl = await postgres.newDatabase();
    const way = await openProxy(directUrl, 5432);
    onTestFinished(way.close);
    const load = await startLoad({
      dataDir: await newDirectory(),
      databaseUrl: way.url,
      directUrl,
      mayAnswer,
    });
    onTestFinished(load.end);
    way.drop(true);
    await sleep(CUT);
    const ready = await fetch(`${load.service.origin}/analytics/v1/status/readyz`);
    expect(ready.status).toBe(503);
    way.drop(false);
    await load.recovered(
      context,
      'packets to and from PostgreSQL dropped for 12 s, and on its connections for good',
    );
    await load.settle();
  });

  describe(
    'by taking a link down',
    skipUnless(mayMakeNamespaces, 'needs leave to make network namespaces'),
    () => {
      let network: NetworkNamespace;
      let postgres: OwnPostgres;
      beforeAll(async () => {
        network = makeNamespace();
        postgres = await makePostgres({
          directory: await newDirectory(),
          settings: { listen_addresses: `127.0.0.1,${network.outside}` },
        });
        await postgres.start();
      });
      afterAll(async () => {
        await postgres?.stop();
        network?.remove();
      });

      test('and the link comes back', async (context) => {
        const directUrl = await postgres.newDatabase();
        const load = await startLoad({
          dataDir: await newDirectory(),
          databaseUrl: directUrl.replace('127.0.0.1', network.outside),
          directUrl,
          mayAnswer,
          env: { HTTP_HOST: network.inside },
          launcher: network.launcher,
        });
        onTestFinished(load.end);
        network.cut(true);
        await sleep(CUT);
        const ready = await fetch(`${load.service.origin}/analytics/v1/status/readyz`);
        expect(ready.status).toBe(503);
        network.cut(false);
        await load.recovered(context, 'the link to PostgreSQL down for 12 s');
        await load.settle();
      });
    },
  );
});
