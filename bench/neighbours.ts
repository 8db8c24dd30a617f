/**
 * Measures what one caller may cost the others. The victim is an org that sends single events, asks for its usage and has
 * a critical alert each second, at fixed rates. It does so alone, and beside one attack of another org at a time. All of it runs against one service, one
 * after the other, on loopback.
 *
 * Results: milliseconds from the due time of a request of the victim to its answer, and how many of its requests were
 * not answered with 200. `alerts` are milliseconds from the acknowledgement of the wrong events to the webhook. `peak RSS` is that of the Node process (Linux only). The goals: no refusal, a p99 of events of
 * at most 100 ms, questions at most twice as slow as alone, critical notices within 2 s beside notices that hang and
 * alerts within 5 s beside rules, and at most 500 MB.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { Worker } from 'node:worker_threads';
import { SECOND, sleep } from '../src/time.ts';
import { call } from './support/call.ts';
import { alertAttacks } from './support/neighbours/alert-attacks.ts';
import { ATTACKER_MODELS, attacks, type Target } from './support/neighbours/attacks.ts';
import { startBreaches } from './support/neighbours/breaches.ts';
import { openLoop } from './support/open-loop.ts';
import { residentMegabytes } from './support/processes/process-use.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { send } from './support/sender.ts';
import { startService } from './support/service.ts';

const DURATION = Number(process.env.BENCH_SECONDS ?? 10) * SECOND;
const MODELS = Math.min(ATTACKER_MODELS, Number(process.env.BENCH_MODELS ?? ATTACKER_MODELS));
const EVENTS_A_SECOND = 20;
const QUESTIONS_A_SECOND = 10;
const VICTIM = 'victim';
/** An attack goes on for so long before the victim is measured. */
const HEAD_START = SECOND;
const RECOVERY = 2 * SECOND;

const service = await startService({ OUTBOUND_ALLOW: '127.0.0.1' });
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const sender = { ...service, token: await service.tokenFor(VICTIM, 'ingest') };
const reader = { ...service, token: await service.tokenFor(VICTIM, 'org_admin') };
const breaches = await startBreaches(service, agent, VICTIM);
const target: Target = {
  service,
  ingest: await service.tokenFor('attacker', 'ingest'),
  engineer: await service.tokenFor('attacker', 'engineer'),
  admin: await service.tokenFor('attacker', 'org_admin'),
  hangingUrl: breaches.hangingUrl,
};

function makeEvent(orgId: string, modelId: string): object {
  return {
    ...{ eventId: randomUUID(), orgId, modelId, occurredAt: new Date().toISOString() },
    ...{ latencyMs: 120, status: 'success', inputTokens: 10, outputTokens: 5, costEstimateCents: 0.01 },
  };
}

async function seed(): Promise<void> {
  for (let first = 0; first < MODELS; first += 1_000) {
    const count = Math.min(1_000, MODELS - first);
    const events = Array.from({ length: count }, (_, index) => makeEvent('attacker', `m-${first + index}`));
    await send(service, agent, Buffer.from(JSON.stringify(events)));
  }
}

interface Measured {
  events: number[];
  questions: number[];
  alerts: number[];
  refused: number;
  peak: number;
}

async function measureVictim(): Promise<Measured> {
  let refused = 0;
  const count = async (reply: Promise<{ status: number }>): Promise<void> => {
    const status = await reply.then((answered) => answered.status).catch(() => 0);
    if (status !== 200) refused++;
  };
  const body = () => Buffer.from(JSON.stringify(makeEvent(VICTIM, 'model')));
  const usage = `/analytics/v1/orgs/${VICTIM}/usage?granularity=day`;
  let peak = 0;
  const sampling = setInterval(async () => {
    peak = Math.max(peak, residentMegabytes(service.pid));
  }, 100);
  const [events, questions, alerts] = await Promise.all([
    openLoop(EVENTS_A_SECOND, DURATION, () => count(call(sender, agent, '/analytics/v1/events', body()))),
    openLoop(QUESTIONS_A_SECOND, DURATION, () => count(call(reader, agent, usage))),
    breaches.measure(DURATION),
  ]);
  clearInterval(sampling);
  return { events, questions, alerts, refused, peak };
}

/** Starts an attack in another thread. @returns a function that ends it */
function startAttack(name: string, { service: { address }, ...tokens }: Target): () => Promise<void> {
  const worker = new Worker(new URL('support/neighbours/attack-worker.ts', import.meta.url), {
    workerData: { name, target: { service: { address }, ...tokens } },
  });
  return async () => {
    const ended = once(worker, 'exit');
    worker.postMessage('end');
    await ended;
  };
}

const table: Record<string, Record<string, string | number>> = {};

function enter(name: string, { events, questions, alerts, refused, peak }: Measured): void {
  const at = (times: readonly number[], q: number) =>
    quantileOfSorted(
      [...times].sort((a, b) => a - b),
      q,
    ).toFixed(1);
  table[name] = {
    'events p50': at(events, 0.5),
    'events p99': at(events, 0.99),
    'questions p50': at(questions, 0.5),
    'questions p99': at(questions, 0.99),
    'alerts p50': at(alerts, 0.5),
    'alerts max': at(alerts, 1),
    refused: `${refused} of ${events.length + questions.length}`,
    'peak RSS, MB': Math.round(peak),
  };
}

try {
  progress('seeding');
  await seed();
  // The first requests make partitions and series, and compile the code.
  await openLoop(EVENTS_A_SECOND, 2 * SECOND, () =>
    send(sender, agent, Buffer.from(JSON.stringify(makeEvent(VICTIM, 'model')))),
  );
  progress(`the victim alone (${DURATION / SECOND} s)`);
  enter('alone', await measureVictim());
  const wanted = process.env.BENCH_ATTACK ?? '';
  for (const attack of [...attacks, ...alertAttacks].filter(({ name }) => name.includes(wanted))) {
    progress(`${attack.name} (${DURATION / SECOND} s)`);
    const end = startAttack(attack.name, target);
    await sleep(HEAD_START);
    enter(attack.name, await measureVictim());
    await end();
    await sleep(RECOVERY);
  }
  enter('alone again', await measureVictim());
  endProgress();
  console.log('Milliseconds.');
  console.table(table);
} finally {
  agent.destroy();
  breaches.stop();
  await service.stop();
}
