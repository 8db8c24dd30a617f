import { Command } from 'commander';
import type { App } from '../../app/app.ts';
import { type Config, loadConfig } from '../../config.ts';
import { findFreePort } from '../../database/embedded/free-port.ts';
import { putDemoRules } from '../../demo/alert-rules.ts';
import { DemoApi } from '../../demo/api.ts';
import { fillHistory } from '../../demo/fill-history.ts';
import { lastOutageWithin, type Outage } from '../../demo/incidents.ts';
import { type ModelDay, readLastDay, untilRolledUp } from '../../demo/last-day.ts';
import { runLiveTraffic } from '../../demo/live-traffic.ts';
import { putDemoPrices } from '../../demo/prices.ts';
import { ProgressFile } from '../../demo/progress-file.ts';
import { demoOrgs } from '../../demo/world.ts';
import { CodedError } from '../../errors.ts';
import { wholeNumber } from '../../setting.ts';
import { settings } from '../../settings.ts';
import { createLog, type Log } from '../../telemetry/log.ts';
import { DAY, HOUR, SECOND, systemClock } from '../../time.ts';
import { localAdminToken } from '../local-admin.ts';
import { ProgressBar } from '../progress-bar.ts';
import { readAs } from '../read-as.ts';
import { reportFailure } from '../report-failure.ts';
import { runApp } from '../run-app.ts';
import { formatNumber, formatTable } from '../table.ts';

interface Flags {
  days: number;
  data: string;
  once: boolean;
}

const USUAL_PORT = 8084;

const readDays = readAs(wholeNumber(1, 390));

/** `tidemark demo`: the service with a believable history and live traffic, in a data directory of its own. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('run the service on made-up data: weeks of history of three orgs, and live traffic')
    .option('--days <number>', 'days of history', readDays, 30)
    .option('--data <folder>', 'where to keep it; what is there is used again', './demo-data')
    .option('--once', 'fill the history, print the last day and end', false)
    .action((flags: Flags) => runDemo(flags).catch(reportFailure));
}

async function runDemo(flags: Flags): Promise<void> {
  const config = await demoConfig(flags.data);
  const log = createLog({ level: config.logLevel });
  await runApp(config, log, (app, stopRequested) => demonstrate(flags, config, app, log, stopRequested));
}

/** How people are told, and where rules over PromQL and real-time figures are from. */
const outwards = [
  'prometheusUrl',
  'realtimeWindow',
  'publicUrl',
  'smtpUrl',
  'emailFrom',
  'emailTo',
  'slackWebhook',
  'slackWebhooks',
  'twilioAccountSid',
  'twilioAuthToken',
  'twilioFrom',
  'twilioBaseUrl',
  'smsTo',
  'builtInAlerts',
  'outboundAllow',
] as const satisfies (keyof typeof settings)[];

/** Of the environment, only what cannot lead to anybody's real data. */
async function demoConfig(dataDir: string): Promise<Config> {
  const { HTTP_HOST, HTTP_PORT, LOG_LEVEL } = process.env;
  return loadConfig({
    ...Object.fromEntries(outwards.map((name) => [settings[name].env, process.env[settings[name].env]])),
    HTTP_HOST,
    HTTP_PORT: HTTP_PORT || String(await findFreePort(USUAL_PORT)),
    LOG_LEVEL: LOG_LEVEL || 'warn',
    DATA_DIR: dataDir,
  });
}

async function demonstrate(
  flags: Flags,
  config: Config,
  app: App,
  log: Log,
  stopRequested: AbortSignal,
): Promise<void> {
  const orgs = demoOrgs.map(({ orgId }) => orgId);
  const token = await localAdminToken(config, app, orgs);
  if (token === undefined)
    throw new CodedError('invalid_request', 'the demo shows a token: let it listen on loopback');
  const api = new DemoApi(app.address, token);
  const progress = new ProgressFile(config.dataDir);
  const now = systemClock.now();
  const wanted = { from: Math.floor((now - flags.days * DAY) / HOUR) * HOUR, to: now };

  // Before any job is sent, which is priced as it arrives.
  await putDemoPrices(api);
  await putDemoRules(api);
  process.stdout.write(`\n  Making ${flags.days} days of history of ${orgs.join(', ')}\n`);
  await fill(api, progress, wanted, stopRequested);
  if (stopRequested.aborted) return;
  process.stdout.write(lastDayTable(await readLastDay(api, systemClock.now())));
  if (flags.once) return;
  process.stdout.write(whereToLook(app, token, lastOutageWithin(wanted)));
  await showLiveTraffic({ api, progress, from: wanted.to }, log, stopRequested);
}

async function fill(
  api: DemoApi,
  progress: ProgressFile,
  wanted: { from: number; to: number },
  stopRequested: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const bar = new ProgressBar('making history', 1);
  try {
    const sent = await fillHistory({
      api,
      progress,
      wanted,
      stopRequested,
      onProgress: (share) => bar.show(share, 'making history'),
    });
    bar.show(1, 'rolling it up');
    await untilRolledUp(api, systemClock.now(), stopRequested);
    bar.end();
    const seconds = formatNumber((performance.now() - began) / SECOND, 1);
    const duplicates = `${formatNumber(sent.duplicates)} came again and count once`;
    process.stdout.write(
      `\n  ${formatNumber(sent.stored)} events were stored and rolled up in ${seconds} s; ${duplicates}\n`,
    );
  } finally {
    bar.end();
  }
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : formatNumber(value);
}

function lastDayTable(days: readonly ModelDay[]): string {
  const table = formatTable(
    [
      { title: 'org' },
      { title: 'model' },
      { title: 'requests', align: 'right' },
      { title: 'errors', align: 'right' },
      { title: 'p50 ms', align: 'right' },
      { title: 'p95 ms', align: 'right' },
      { title: 'p99 ms', align: 'right' },
      { title: 'tokens in', align: 'right' },
      { title: 'tokens out', align: 'right' },
      { title: 'cost $', align: 'right' },
    ],
    days.map((day, index) => [
      days[index - 1]?.orgId === day.orgId ? '' : day.orgId,
      day.modelId,
      formatNumber(day.requests),
      `${formatNumber(day.errorRate * 100, 1)} %`,
      milliseconds(day.latencyMs.p50),
      milliseconds(day.latencyMs.p95),
      milliseconds(day.latencyMs.p99),
      formatNumber(day.inputTokens),
      formatNumber(day.outputTokens),
      formatNumber(day.costCents / 100, 2),
    ]),
  );
  return `\n  The last 24 hours\n\n${table}\n`;
}

function whereToLook({ address }: App, token: string, outage: Outage | undefined): string {
  const ask = (what: string, path: string) => [
    `  ${what}:`,
    '',
    `  curl -s '${address}${path}' -H 'Authorization: Bearer ${token}'`,
    '',
  ];
  return [
    `  Tidemark is at   ${address}`,
    `  API docs         ${address}/docs`,
    `  Admin token      ${token}`,
    '',
    ...ask('Usage by hour and model', '/analytics/v1/orgs/acme/usage?granularity=hour&groupBy=model'),
    ...(outage ? ask(`The outage of ${outage.modelId}, hour by hour`, pathOfOutage(outage)) : []),
    ...ask('Alerts that fire, by the rules of the demo', '/api/v1/analytics/alerts/active'),
    '  Live traffic goes on until Ctrl-C.',
    '',
    '',
  ].join('\n');
}

function pathOfOutage({ modelId, start, end }: Outage): string {
  const [from, to] = [start - 2 * HOUR, end + 2 * HOUR].map((millis) =>
    new Date(Math.floor(millis / HOUR) * HOUR).toISOString(),
  );
  return `/analytics/v1/orgs/acme/reliability?granularity=hour&modelId=${modelId}&start=${from}&end=${to}`;
}

/** Sends live traffic until asked to stop, and counts it on a terminal. */
async function showLiveTraffic(
  options: { api: DemoApi; progress: ProgressFile; from: number },
  log: Log,
  stopRequested: AbortSignal,
): Promise<void> {
  let events = 0;
  await runLiveTraffic({
    ...options,
    clock: systemClock,
    stopRequested,
    onSent: ({ stored }) => {
      events += stored;
      if (process.stdout.isTTY) process.stdout.write(`\r  ${formatNumber(events)} live events`);
    },
    onTrouble: (error) => log.warn({ err: error }, 'live traffic did not arrive and will be sent again'),
  });
  if (process.stdout.isTTY) process.stdout.write('\n');
}
