import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../../src/database/embedded/open-embedded.ts';
import { createPool } from '../../src/database/pool.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { HOUR, sleep } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { gone, postmasterPid } from '../support/database/embedded-holder.ts';
import { startSender } from '../support/service/honest-sender.ts';
import { tokenOf } from '../support/service/service.ts';
import { startServiceProcess } from '../support/service/service-process.ts';

/** Number of kills. Four by default, to save time; `KILL_ROUNDS=20` for the full run. */
const rounds = Number(process.env.KILL_ROUNDS ?? 4);
const victims = ['the service', 'PostgreSQL', 'both', 'the service, by SIGTERM'] as const;
const ORG = 'acme';
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const newDirectory = useDirectories();

async function isReady(origin: string): Promise<boolean> {
  const response = await fetch(`${origin}/analytics/v1/status/readyz`).catch(() => undefined);
  return response?.status === 200;
}

test('every acknowledged event is stored once, whatever is killed under load', {
  timeout: 120_000 + rounds * 30_000,
}, async () => {
  const dataDir = await newDirectory();
  const env = { LOG_LEVEL: 'warn', ROLLUP_INTERVAL: '100ms' };
  let service = await startServiceProcess(dataDir, env);
  onTestFinished(() => service.stop());
  const token = await tokenOf(['admin']);
  const now = Date.now();
  const senders = Array.from({ length: 5 }, (_, seed) =>
    startSender({
      seed,
      origin: () => service.origin,
      token,
      persistent: seed % 2 === 0,
      // Some events are late, so that every grain has buckets that fill again and again.
      shape: (event, position) => ({
        ...event,
        orgId: ORG,
        occurredAt: new Date(now - (position % 50) * HOUR).toISOString(),
      }),
    }),
  );

  for (let round = 0; round < rounds; round++) {
    await sleep(200 + Math.random() * 1_800);
    const victim = victims[round % victims.length];
    if (victim === 'PostgreSQL' || victim === 'both') {
      const pid = await postmasterPid(service.location);
      process.kill(pid, 'SIGKILL');
      if (victim === 'PostgreSQL') await gone(pid);
    }
    if (victim !== 'PostgreSQL') {
      await (victim === 'the service, by SIGTERM' ? service.stop() : service.kill());
      service = await startServiceProcess(dataDir, env);
    }
    while (!(await isReady(service.origin))) await sleep(50);
  }
  await sleep(500);
  await Promise.all(senders.map((sender) => sender.stop()));
  await service.stop();

  // Every caller that got an answer was told the outcome, and that a retry makes sense.
  const problems = new Set(senders.flatMap((sender) => [...sender.problems]));
  expect([...problems].filter((problem) => problem !== '503 unavailable')).toEqual([]);
  const acknowledged = senders.flatMap((sender) => [...sender.acknowledged]);
  const unknown = new Set(senders.flatMap((sender) => [...sender.unknown]));
  service = await startServiceProcess(dataDir, env);
  const database = await openEmbedded({ dataDir, log: quiet, mode: 'join' });
  const pool = createPool({
    connectionString: database.connectionString,
    max: 2,
    applicationName: 'kill test',
    statementTimeoutMs: 60_000,
    onError: () => {},
  });
  const first = async <Row extends object>(sql: string) => (await pool.query<Row>(sql)).rows[0] as Row;
  try {
    // A stopping service leaves events that are not rolled up to the next service.
    const waiting = `select count(*) as batches from analytics.ingestion_batches where rolled_up_at is null`;
    while ((await first<{ batches: number }>(waiting)).batches > 0) await sleep(50);

    const { rows } = await pool.query<{ id: string; times: number }>(
      `select event_id::text as id, count(*) as times from analytics.events group by 1`,
    );
    const times = new Map(rows.map((row) => [row.id, row.times]));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((id) => times.get(id) !== 1)).toEqual([]);
    expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
    const known = new Set(acknowledged);
    expect([...times.keys()].filter((id) => !known.has(id) && !unknown.has(id))).toEqual([]);

    const batches = await first<{ stored: number; unbalanced: number }>(
      `select sum(stored) as stored,
         count(*) filter (where received <> stored + duplicates + conflicts + rejected) as unbalanced
       from analytics.ingestion_batches`,
    );
    expect(batches).toEqual({ stored: times.size, unbalanced: 0 });
    // Acknowledged events are stored. A stored event may have lost its acknowledgement.
    const told = senders.reduce((sum, sender) => sum + sender.stored, 0);
    expect(told).toBeLessThanOrEqual(times.size);

    const { rows: compared, drifts } = await reconcile(pool);
    expect({ compared, drifts }).toEqual({ compared: times.size, drifts: [] });
    const range = `start=${new Date(now - 60 * HOUR).toISOString()}&end=${new Date(now + HOUR).toISOString()}`;
    const answer = await fetch(`${service.origin}/analytics/v1/orgs/${ORG}/usage?${range}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await answer.json()).toMatchObject({ totals: { invocations: times.size } });
    console.log(
      `${rounds} kills: ${acknowledged.length} events acknowledged, ${times.size} stored, each of them once; reconcile reports ${drifts.length}`,
    );
  } finally {
    await pool.end();
    await database.stop();
  }
});
