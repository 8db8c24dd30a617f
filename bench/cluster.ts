/**
 * Measures what an event costs on a Citus cluster, beside one plain PostgreSQL: events a second over HTTP, and the processor
 * time of the service, the coordinator and each node. All must run on this machine.
 *
 * `BENCH_TARGETS` has one database or more, as `name=url name=url`. They take turns, so that other work on the machine
 * meets all of them. Without it, the embedded PostgreSQL is measured alone. Each run sends half of its events on 4
 * connections and half on 16, waits until all are rolled up, and reconciles. One event in twenty is an order with two
 * lines. `BENCH_EVENTS` is the number of events of a run, `BENCH_RUNS` the number of runs.
 *
 * Results: events/s of each half, and µs of processor time an event by process. Processor time says more than the rate
 * on a machine that others use too.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { MINUTE, SECOND, sleep } from '../src/time.ts';
import { processorTimeOf } from './support/processes/process-use.ts';
import { type LocalServer, serversOf, serverTime } from './support/processes/server-time.ts';
import { endProgress, progress } from './support/progress.ts';
import { median } from './support/quantile.ts';
import { orgName, usageEvents } from './support/seed-events.ts';
import { send } from './support/sender.ts';
import { type Service, startService } from './support/service.ts';
import { untilRolledUp } from './support/until-rolled-up.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 50_000);
const RUNS = Number(process.env.BENCH_RUNS ?? 1);
const PER_REQUEST = 1_000;
const ORDER_EVERY = 20;
const CONNECTIONS = [4, 16] as const;

/** Settings of the service; those of the environment win. */
const SETTINGS = {
  INGESTION_WORKERS: '8',
  ROLLUP_INTERVAL: '100ms',
  DATABASE_POOL_MAX: '40',
  // On a machine that others use, a request may wait for long.
  REQUEST_TIMEOUT: '2m',
};

interface Target {
  name: string;
  /** Undefined: the embedded PostgreSQL. */
  url?: string;
}

interface RunResult {
  /** Events a second, for each number of connections. */
  rates: number[];
  /** Processor time of an event in µs, by process. */
  costs: Map<string, number>;
  /** Requests that were refused and sent again. */
  again: number;
  rows: number;
  drift: number;
}

function targets(): Target[] {
  const given = process.env.BENCH_TARGETS?.split(/\s+/).filter((text) => text !== '') ?? [];
  if (given.length === 0) return [{ name: 'embedded' }];
  return given.map((text) => {
    const [name = '', ...url] = text.split('=');
    if (url.length === 0) throw new Error(`BENCH_TARGETS has ${text}; give name=url`);
    return { name, url: url.join('=') };
  });
}

/** Bodies of requests, for the number of events. */
function bodiesOf(events: number, seed: number): Buffer[] {
  const begin = Date.now();
  const next = usageEvents(seed, (random) => begin - random() * MINUTE);
  const one = (index: number) => (index % ORDER_EVERY === 0 ? orderAt(begin, index) : next());
  return Array.from({ length: Math.ceil(events / PER_REQUEST) }, (_, request) =>
    Buffer.from(
      JSON.stringify(Array.from({ length: PER_REQUEST }, (_, index) => one(request * PER_REQUEST + index))),
    ),
  );
}

function orderAt(time: number, index: number) {
  const items = [1, 2].map((line) => ({
    sku: `sku-${(index * line) % 97}`,
    name: `Product ${(index * line) % 97}`,
    collection: 'all',
    category: 'rings',
    quantity: line,
    priceCents: 1_000 * line,
  }));
  return {
    type: 'order',
    eventId: randomUUID(),
    orgId: orgName(index % 50),
    occurredAt: new Date(time - (index % 60) * SECOND).toISOString(),
    orderId: randomUUID(),
    status: 'completed',
    currency: 'EUR',
    customerId: `customer-${index % 500}`,
    channel: 'web',
    items,
  };
}

/** Sends bodies over several connections, each again if it was refused, as senders do. @returns the number of bodies sent again */
async function sendUntilStored(
  service: Service,
  bodies: readonly Buffer[],
  connections: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const left = [...bodies];
  let again = 0;
  const work = async () => {
    for (let body = left.pop(); body; body = left.pop()) {
      try {
        const { stored, duplicates } = await send(service, agent, body);
        if (stored + duplicates !== PER_REQUEST)
          throw new Error(`${stored} stored and ${duplicates} known of ${PER_REQUEST}`);
      } catch (error) {
        if (++again > bodies.length) throw error;
        left.push(body);
        await sleep(SECOND);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return again;
}

async function allRolledUp(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await untilRolledUp(client);
  } finally {
    await client.end();
  }
}

/** Compares all that the database has. @returns rows compared, and how many numbers differ */
async function reconcileAll(databaseUrl: string): Promise<{ rows: number; drift: number }> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'reconcile'], {
    env: { ...process.env, DATABASE_URL: databaseUrl, LOG_LEVEL: 'warn' },
  });
  const figure = (name: string) =>
    Number(new RegExp(`${name}\\s+([\\d,]+)`).exec(stdout)?.[1]?.replaceAll(',', ''));
  return { rows: figure('rows compared'), drift: figure('drift') };
}

async function measure(service: Service, seed: number): Promise<RunResult> {
  const servers = await serversOf(service.databaseUrl);
  await sendUntilStored(service, bodiesOf(PER_REQUEST * 4, seed + 1_000), 4);
  await allRolledUp(service.databaseUrl);
  const halves = CONNECTIONS.map((_, half) => bodiesOf(EVENTS / CONNECTIONS.length, 2 * seed + half));
  const sent = halves.flat().length * PER_REQUEST;
  const before = timesOf(service, servers);
  const rates: number[] = [];
  let again = 0;
  for (const [half, bodies] of halves.entries()) {
    const began = performance.now();
    again += await sendUntilStored(service, bodies, CONNECTIONS[half] ?? 1);
    rates.push((bodies.length * PER_REQUEST * SECOND) / (performance.now() - began));
  }
  await allRolledUp(service.databaseUrl);
  const after = timesOf(service, servers);
  const costs = new Map(
    [...after].map(([name, time]) => [name, ((time - (before.get(name) ?? 0)) * 1_000) / sent]),
  );
  return { rates, costs, again, ...(await reconcileAll(service.databaseUrl)) };
}

/** Milliseconds of processor time so far, by process. */
function timesOf(service: Service, servers: readonly LocalServer[]): Map<string, number> {
  const times = new Map([['service', processorTimeOf(service.pid) / 1_000]]);
  for (const server of servers) times.set(server.name, serverTime(server));
  return times;
}

function line(results: readonly RunResult[]) {
  const middle = (of: (result: RunResult) => number) => Math.round(median(results.map(of)));
  const names = [...(results[0]?.costs.keys() ?? [])];
  return {
    ...Object.fromEntries(
      CONNECTIONS.map((count, half) => [`events/s on ${count}`, middle(({ rates }) => rates[half] ?? 0)]),
    ),
    ...Object.fromEntries(names.map((name) => [`${name}, µs`, middle(({ costs }) => costs.get(name) ?? 0)])),
    'together, µs': middle(({ costs }) => [...costs.values()].reduce((sum, cost) => sum + cost, 0)),
    'sent again': results.reduce((sum, { again }) => sum + again, 0),
    'rows compared': results.at(-1)?.rows,
    drift: results.reduce((sum, { drift }) => sum + drift, 0),
  };
}

/** One service for each database. Idle ones cost little. */
const services = new Map<string, Service>();
const results = new Map<string, RunResult[]>();
try {
  for (const { name, url } of targets()) {
    progress(`starting ${name}`);
    const env = { ...SETTINGS, ...(process.env as Record<string, string>) };
    services.set(name, await startService({ ...env, ...(url !== undefined && { DATABASE_URL: url }) }));
  }
  for (let run = 1; run <= RUNS; run++) {
    for (const [name, service] of services) {
      progress(`run ${run}, ${name}`);
      const result = await measure(service, run);
      results.set(name, [...(results.get(name) ?? []), result]);
      console.log(`run ${run}, ${name}:`, JSON.stringify(line([result])));
    }
  }
} finally {
  for (const service of services.values()) await service.stop();
}
endProgress();
console.table(Object.fromEntries([...results].map(([name, runs]) => [name, line(runs)])));
