/**
 * Measures the cost of evaluating alert rules, and the time until a breach is found. One evaluator evaluates a thousand
 * rules of ten orgs, each with one alert for each of twenty models. It works sequentially, so it and the database process
 * share one core. Then the whole service is started with one rule that is evaluated as its data arrives, and models
 * begin to fail one after the other.
 *
 * Results: `1,000 rules` should take less than a minute. The first round inserts 20,000 states; later rounds change
 * nothing. `found after` is the time from the acknowledgement of the failing events until the notice is in the outbox.
 */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createConfigs } from '../../src/alerts/configs/store-configs.ts';
import { evaluateDue } from '../../src/alerts/evaluation/evaluate-due.ts';
import { type Evaluator, sharesOfLanes } from '../../src/alerts/evaluation/evaluator.ts';
import { createPrometheusSource } from '../../src/alerts/observing/prometheus.ts';
import { readRule } from '../../src/alerts/rules/read-rule.ts';
import { createPool } from '../../src/database/pool.ts';
import { routeByPreference } from '../../src/notifications/routing/route-notice.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { MINUTE, SECOND, sleep } from '../../src/time.ts';
import { endProgress, progress } from '../support/progress.ts';
import { quantileOfSorted } from '../support/quantile.ts';
import { seeded } from '../support/random.ts';
import { send } from '../support/sender.ts';
import { startService } from '../support/service.ts';

const ORGS = 10;
const MODELS = 20;
const RULES = Number(process.env.BENCH_RULES ?? 1_000);
const EVENTS = 40_000;
const PER_REQUEST = 1_000;
const BREACHES = Number(process.env.BENCH_BREACHES ?? 50);

const random = seeded(5);
let made = 0;

function usage(orgId: string, modelId: string, at: number, status: 'success' | 'error') {
  return {
    eventId: `bench-${process.pid}-${++made}`,
    orgId,
    occurredAt: new Date(at).toISOString(),
    modelId,
    latencyMs: Math.round(100 + 900 * random()),
    status,
    inputTokens: 100,
    outputTokens: 50,
    costEstimateCents: 0.5,
  };
}

function body(events: object[]): Buffer {
  return Buffer.from(JSON.stringify(events));
}

function open(url: string) {
  return createPool({
    connectionString: url,
    max: 4,
    applicationName: 'bench',
    statementTimeoutMs: 0,
    onError: () => {},
  });
}

const kinds = [
  { name: 'error rate above', rule: { metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.9 } },
  { name: 'p95 above', rule: { metric: 'usage.latency_p95', type: 'threshold_above', threshold: 60_000 } },
  { name: 'count above', rule: { metric: 'usage.count', type: 'threshold_above', threshold: 1_000_000 } },
  { name: 'cost, change', rule: { metric: 'usage.cost', type: 'rate_of_change', threshold: 100_000 } },
  { name: 'count, anomaly', rule: { metric: 'usage.count', type: 'anomaly', threshold: 100 } },
];

const TICKS_PER_SECOND = 100;

/** The CPU time of the connections of the benchmark in the database; seconds. Linux only; elsewhere 0. */
async function cpuOfDatabase(pool: ReturnType<typeof open>): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = 'bench' and datname = current_database()",
  );
  const ticks = await Promise.all(
    rows.map(async ({ pid }) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, user = '0', system = '0'] = /^.*\) \S+(?: \S+){10} (\d+) (\d+) /.exec(stat) ?? [];
      return Number(user) + Number(system);
    }),
  );
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

function inSeconds(ms: number): string {
  return `${(ms / SECOND).toFixed(2)} s`;
}

async function measureEvaluation(): Promise<void> {
  const service = await startService({ ROLES: 'api,ingest' });
  const pool = open(service.databaseUrl);
  const agent = new Agent({ keepAlive: true });
  const start = Date.now();
  let now = start;
  for (let sent = 0; sent < EVENTS; sent += PER_REQUEST) {
    progress(`stored ${sent} events`);
    const events = Array.from({ length: PER_REQUEST }, (_, index) =>
      usage(
        `org-${index % ORGS}`,
        `model-${Math.floor(random() * MODELS)}`,
        start - random() * 60 * MINUTE,
        'success',
      ),
    );
    await send(service, agent, body(events));
  }
  while ((await rollUp(pool)) > 0);
  await promoteAll(pool, grainNamed('quarter_hour'));
  await pool.query('vacuum analyze');
  for (let index = 0; index < RULES; index++) {
    const { name, rule } = kinds[index % kinds.length] ?? kinds[0] ?? { name: '', rule: {} };
    const read = readRule({ name: `${name} ${index}`, ...rule, groupBy: ['modelId'] }, { allOrgs: false });
    if (Array.isArray(read)) throw new Error(JSON.stringify(read));
    await createConfigs(pool, [{ orgId: `org-${index % ORGS}`, rule: read }], { actorId: 'bench', now });
  }
  const evaluator: Evaluator = {
    pool,
    clock: { now: () => now },
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
    route: routeByPreference,
    prometheus: createPrometheusSource(undefined),
    lost: new Set(),
    shares: sharesOfLanes(MINUTE),
  };
  endProgress();
  console.log(
    `| ${RULES} rules × ${MODELS} groups | wall clock | CPU here | CPU database | a rule, p50 | p99 |`,
  );
  console.log('|---|---|---|---|---|---|');
  for (const round of ['first round', 'second', 'third']) {
    const times: number[] = [];
    const began = performance.now();
    const cpu = process.cpuUsage();
    const before = await cpuOfDatabase(pool);
    for (;;) {
      const one = performance.now();
      if (!(await evaluateDue(evaluator, 'rollups'))) break;
      times.push(performance.now() - one);
    }
    const took = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    const inDatabase = (await cpuOfDatabase(pool)) - before;
    times.sort((a, b) => a - b);
    if (times.length !== RULES) throw new Error(`${times.length} rules were evaluated, not ${RULES}`);
    console.log(
      `| ${round} | ${inSeconds(took)} | ${inSeconds((user + system) / 1_000)} | ${inDatabase.toFixed(2)} s | ${quantileOfSorted(times, 0.5).toFixed(1)} ms | ${quantileOfSorted(times, 0.99).toFixed(1)} ms |`,
    );
    now += MINUTE;
  }
  const { rows } = await pool.query('select count(*) from analytics.alert_states');
  console.log(`\n${rows[0]?.count} groups are watched.\n`);
  await pool.end();
  agent.destroy();
  await service.stop();
}

async function measureDetection(): Promise<void> {
  const service = await startService();
  const pool = open(service.databaseUrl);
  const agent = new Agent({ keepAlive: true });
  const rule = readRule(
    {
      name: 'failing',
      metric: 'usage.errors',
      type: 'threshold_above',
      threshold: 4,
      windowSeconds: 60,
      groupBy: ['modelId'],
      onData: true,
    },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  await createConfigs(pool, [{ orgId: 'org-0', rule }], { actorId: 'bench', now: Date.now() });
  const times: number[] = [];
  for (let breach = 0; breach < BREACHES; breach++) {
    progress(`breach ${breach} of ${BREACHES}`);
    const modelId = `failing-${breach}`;
    const events = Array.from({ length: 5 }, () => usage('org-0', modelId, Date.now(), 'error'));
    await send(service, agent, body(events));
    const acknowledged = performance.now();
    for (;;) {
      const { rows } = await pool.query(
        `select 1 from analytics.notification_outbox where payload -> 'group' ->> 'modelId' = $1`,
        [modelId],
      );
      if (rows.length > 0) break;
      await sleep(5);
    }
    times.push(performance.now() - acknowledged);
    await sleep(random() * SECOND);
  }
  times.sort((a, b) => a - b);
  endProgress();
  console.log('| found after | p50 | p99 | most |\n|---|---|---|---|');
  console.log(
    `| ${BREACHES} breaches | ${inSeconds(quantileOfSorted(times, 0.5))} | ${inSeconds(quantileOfSorted(times, 0.99))} | ${inSeconds(times.at(-1) ?? 0)} |`,
  );
  await pool.end();
  agent.destroy();
  await service.stop();
}

await measureEvaluation();
await measureDetection();
