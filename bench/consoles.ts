/**
 * Measures what open consoles cost the others, and how soon Overview is there. 13 months of rollups of 250 orgs are seeded.
 * Chromium opens Overview of the largest org, and its questions are written down. Then events arrive at a fixed rate and
 * somebody asks for usage, alone and beside 50 consoles. A console asks all questions of Overview each ten seconds, as it
 * does while its tab is visible.
 *
 * Results: `drawn` is the time from the start of the navigation to the chart, in a browser that has the files in its cache,
 * the median of five. `questions` and `events` are milliseconds from the due time of a request to its answer. `consoles` are
 * the questions of the consoles. The goals: drawn within 1 s, and a p99 of questions that the consoles do not change.
 */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { chromium } from 'playwright-core';
import { createPool } from '../src/database/pool.ts';
import { DAY, floorTo, SECOND } from '../src/time.ts';
import { call } from './support/call.ts';
import { openLoop } from './support/open-loop.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { orgName } from './support/seed-events.ts';
import { addRawDays, RAW_DAYS, seedHistory } from './support/seed-scale.ts';
import { send } from './support/sender.ts';
import { type Service, startService } from './support/service.ts';

const CONSOLES = 50;
const REFRESH_SECONDS = 10;
const DURATION = Number(process.env.BENCH_SECONDS ?? 20) * SECOND;
const RAW_EVENTS = Number(process.env.BENCH_RAW_EVENTS ?? 20_000);
const BATCHES_A_SECOND = 10;
const BATCH = 100;
const QUESTIONS_A_SECOND = 10;
const ORG = orgName(0);

async function seed({ databaseUrl }: Service): Promise<void> {
  const pool = createPool({
    ...{ connectionString: databaseUrl, max: 4, applicationName: 'bench', statementTimeoutMs: 0 },
    onError: () => {},
  });
  const rawFrom = floorTo(DAY, Date.now()) - (RAW_DAYS - 1) * DAY;
  await seedHistory(pool, rawFrom);
  await addRawDays(pool, RAW_EVENTS, rawFrom);
  await pool.query('analyze');
  await pool.end();
}

/** Opens Overview several times. @returns the median of milliseconds until its chart is drawn, and what it asks for */
async function openOverview({ address, token }: Service): Promise<{ drawn: number; questions: string[] }> {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const headers = { origin: address, 'sec-fetch-site': 'same-origin' };
  await context.request.post(`${address}/console/session`, { headers, data: { token } });
  const page = await context.newPage();
  let questions: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (/^\/(analytics|api)\//.test(pathname)) questions.push(pathname + search);
  });
  const times: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    questions = [];
    const began = performance.now();
    await page.goto(`${address}/console/?org=${ORG}&range=24h`, { waitUntil: 'commit' });
    await page.locator('main canvas').first().waitFor();
    times.push(performance.now() - began);
    await page.waitForLoadState('networkidle');
  }
  await browser.close();
  // The first one fetches the files.
  const drawn = times.slice(1).sort((a, b) => a - b)[2] ?? Number.NaN;
  return { drawn, questions: [...new Set(questions)] };
}

function makeBatch(): Buffer {
  const event = () => ({
    ...{ eventId: randomUUID(), orgId: ORG, modelId: 'model-0', occurredAt: new Date().toISOString() },
    ...{ latencyMs: 120, status: 'success', inputTokens: 10, outputTokens: 5, costEstimateCents: 0.01 },
  });
  return Buffer.from(JSON.stringify(Array.from({ length: BATCH }, event)));
}

async function measure(service: Service, questions: readonly string[], consoles: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  let refused = 0;
  const ask = async (path: string) => {
    const { status } = await call(service, agent, path);
    if (status !== 200) refused += 1;
  };
  const rate = (consoles * questions.length) / REFRESH_SECONDS;
  const usage = `/analytics/v1/orgs/${ORG}/usage?granularity=day`;
  const [asked, sent, ofConsoles] = await Promise.all([
    openLoop(QUESTIONS_A_SECOND, DURATION, () => ask(usage)),
    openLoop(BATCHES_A_SECOND, DURATION, () => send(service, agent, makeBatch())),
    rate === 0
      ? Promise.resolve([])
      : openLoop(rate, DURATION, (index) => ask(questions[index % questions.length] ?? usage)),
  ]);
  agent.destroy();
  return { questions: asked, events: sent, consoles: ofConsoles, refused };
}

const table: Record<string, Record<string, string | number>> = {};

function enter(name: string, { refused, ...measured }: Awaited<ReturnType<typeof measure>>): void {
  const cells = Object.entries(measured).flatMap(([what, times]) => {
    const sorted = [...times].sort((a, b) => a - b);
    return [0.5, 0.99].map((q) => [`${what} p${q * 100}`, quantileOfSorted(sorted, q).toFixed(1)]);
  });
  table[name] = { ...Object.fromEntries(cells), refused };
}

const service = await startService();
try {
  await seed(service);
  progress('opening Overview');
  const { drawn, questions } = await openOverview(service);
  progress('alone');
  enter('alone', await measure(service, questions, 0));
  progress(`beside ${CONSOLES} consoles`);
  enter(`beside ${CONSOLES} consoles`, await measure(service, questions, CONSOLES));
  endProgress();
  console.log(
    `Overview of 24 hours is drawn after ${Math.round(drawn)} ms. It asks ${questions.length} questions.`,
  );
  console.table(table);
} finally {
  await service.stop();
}
