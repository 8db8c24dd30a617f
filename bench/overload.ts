/**
 * Overloads the service. 32 senders send requests of 1,000 events as fast as they can. A refused sender retries after a
 * tenth of a second, whatever `Retry-After` says. Twice a lock on the table of events blocks all writers for some
 * seconds, like a slow database.
 *
 * Results: one row for each phase, in order of time. `peak RSS` is that of the Node process (not of PostgreSQL), sampled
 * from /proc (Linux only), and should stay within 350 MB. Refusals (429, 503) must have a `Retry-After`, and nothing
 * else may fail. At the end every acknowledged event is stored once and rolled up without drift. The service accepts
 * events as before: compare `events/s` of the last phase with the first.
 */
import { Agent } from 'node:http';
import { Client } from 'pg';
import { createPool } from '../src/database/pool.ts';
import { reconcile } from '../src/rollups/reconcile/reconcile.ts';
import { MINUTE, SECOND, sleep } from '../src/time.ts';
import { call } from './support/call.ts';
import { residentMegabytes } from './support/processes/process-use.ts';
import { endProgress, progress } from './support/progress.ts';
import { usageEvents } from './support/seed-events.ts';
import { startService } from './support/service.ts';
import { untilRolledUp } from './support/until-rolled-up.ts';

const SENDERS = 32;
const PER_REQUEST = 1_000;
const PAUSE = 100;
const MAX_RSS_MB = 350;
const BODIES = 64;
const EVENT_ID = Buffer.from('"eventId":"');

interface Tally {
  acknowledged: number;
  refused: number;
  withoutRetryAfter: number;
  failed: number;
}

const service = await startService();
const client = new Client({ connectionString: service.databaseUrl });
await client.connect();

let ids = 0;

/** A body whose ids are replaced before each use: creating new events would slow the senders down. */
function makeBody(next: () => object) {
  const body = Buffer.from(JSON.stringify(Array.from({ length: PER_REQUEST }, next)));
  const places: number[] = [];
  for (let at = body.indexOf(EVENT_ID); at >= 0; at = body.indexOf(EVENT_ID, at + 1)) {
    places.push(at + EVENT_ID.length);
  }
  const renew = () => {
    for (const place of places) {
      const id = (ids++).toString(16).padStart(12, '0');
      body.write(`${id.slice(4)}-${id.slice(0, 4)}-4000-8000-000000000000`, place, 'latin1');
    }
  };
  return { body, renew };
}

let tally: Tally = { acknowledged: 0, refused: 0, withoutRetryAfter: 0, failed: 0 };
const failures = new Set<string>();
let acknowledgedInAll = 0;
let sending = true;

async function sendContinuously(bodies: ReturnType<typeof makeBody>[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = 0; sending; turn++) {
    const entry = bodies[turn % bodies.length];
    if (!entry) break;
    entry.renew();
    for (let done = false; !done && sending; ) {
      const { status, headers, text } = await call(service, agent, '/analytics/v1/events', entry.body);
      if (status === 200) {
        const { stored } = JSON.parse(text) as { stored: number };
        tally.acknowledged += stored;
        acknowledgedInAll += stored;
        done = true;
      } else if (status === 429 || status === 503) {
        tally.refused++;
        if (headers['retry-after'] === undefined) tally.withoutRetryAfter++;
        await sleep(PAUSE);
      } else {
        tally.failed++;
        failures.add(`${status}: ${text.slice(0, 200)}`);
        await sleep(PAUSE);
      }
    }
  }
  agent.destroy();
}

let peakRss = 0;
let watching = true;

async function watchRss(): Promise<void> {
  while (watching) {
    peakRss = Math.max(peakRss, residentMegabytes(service.pid));
    await sleep(50);
  }
}

const table: Record<string, Record<string, string | number>> = {};
let highest = 0;

async function phase(name: string, duration: number, work: () => Promise<unknown>): Promise<void> {
  progress(`${name} (${duration / SECOND} s)`);
  tally = { acknowledged: 0, refused: 0, withoutRetryAfter: 0, failed: 0 };
  peakRss = 0;
  const began = performance.now();
  await work();
  const took = (performance.now() - began) / SECOND;
  highest = Math.max(highest, peakRss);
  table[name] = {
    'peak RSS, MB': Math.round(peakRss),
    'of 350 MB': (peakRss / MAX_RSS_MB).toFixed(2),
    'events/s': duration > 0 ? Math.round(tally.acknowledged / took).toLocaleString('en') : '',
    'refused (429, 503)': tally.refused,
    'without Retry-After': tally.withoutRetryAfter,
    failed: tally.failed,
  };
}

async function holdLock(duration: number): Promise<void> {
  await client.query('begin');
  await client.query('lock table analytics.events in access exclusive mode');
  await sleep(duration);
  await client.query('commit');
}

async function verify(): Promise<string[]> {
  const pool = createPool({
    connectionString: service.databaseUrl,
    max: 1,
    applicationName: 'bench',
    statementTimeoutMs: 0,
    onError: () => {},
  });
  try {
    const { rows } = await pool.query<{ stored: number; ids: number }>(
      `select (select count(*) from analytics.events) as stored, (select count(*) from analytics.event_keys) as ids`,
    );
    const { drifts } = await reconcile(pool);
    const stored = rows[0]?.stored ?? 0;
    return [
      `${acknowledgedInAll.toLocaleString('en')} events acknowledged, ${stored.toLocaleString('en')} stored` +
        `${stored === acknowledgedInAll && rows[0]?.ids === stored ? ': each once' : ': THEY DIFFER'}.`,
      drifts.length === 0 ? 'Rollups and raw events agree.' : `${drifts.length} hours DRIFT.`,
    ];
  } finally {
    await pool.end();
  }
}

try {
  const next = usageEvents(9, (random) => Date.now() - random() * MINUTE);
  const bodies = Array.from({ length: BODIES }, () => makeBody(next));
  await phase('nothing to do', 2 * SECOND, async () => {
    void watchRss();
    await sleep(2 * SECOND);
  });
  const senders = Array.from({ length: SENDERS }, (_, index) =>
    sendContinuously(bodies.slice(index * 2, index * 2 + 2)),
  );
  await phase('as fast as they can', 15 * SECOND, () => sleep(15 * SECOND));
  await phase('the table locked', 6 * SECOND, () => holdLock(6 * SECOND));
  await phase('released', 8 * SECOND, () => sleep(8 * SECOND));
  await phase('locked again, longer', 12 * SECOND, () => holdLock(12 * SECOND));
  await phase('released again', 15 * SECOND, () => sleep(15 * SECOND));
  sending = false;
  await phase('the last answers', 0, () => Promise.all(senders));
  const lag = await untilRolledUp(client);
  await phase('nothing to do, again', 10 * SECOND, () => sleep(10 * SECOND));
  watching = false;
  progress('comparing rollups with raw events');
  const findings = await verify();
  endProgress();
  console.table(table);
  for (const line of findings) console.log(line);
  for (const failure of failures) console.log(`Failed: ${failure}`);
  console.log(`Rolled up ${lag.toFixed(1)} s after the last answer. Highest RSS ${Math.round(highest)} MB.`);
} finally {
  sending = false;
  watching = false;
  await client.end();
  await service.stop();
}
