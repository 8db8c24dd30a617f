import { Command } from 'commander';
import type { App } from '../../app/app.ts';
import { type Config, loadConfig } from '../../config.ts';
import { findFreePort } from '../../database/embedded/free-port.ts';
import { putDemoRules } from '../../demo/alert-rules.ts';
import { DemoApi } from '../../demo/api.ts';
import { fillHistory } from '../../demo/fill-history.ts';
import { lastOutageWithin, type Outage } from '../../demo/incidents.ts';
import { type ModelDay, readLastDay, untilRolledUp } from '../../demo/last-day.ts';
import { openLiveClient } from '../../demo/live-client.ts';
import { type LiveOptions, runLiveTraffic } from '../../demo/live-traffic.ts';
import { putDemoPrices } from '../../demo/prices.ts';
import { ProgressFile } from '../../demo/progress-file.ts';
import { demoOrgs } from '../../demo/world.ts';
import { CodedError } from '../../errors.ts';
import { wholeNumber } from '../../setting.ts';
import { settings } from '../../settings.ts';
import { createLog, type Log } from '../../telemetry/log.ts';
import { DAY, HOUR, SECOND, systemClock } from '../../time.ts';
import { localAdminToken, shownToken } from '../local-admin.ts';
import { shownLoginLink } from '../login-link.ts';
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

const DEFAULT_PORT = 8084;

const readDays = readAs(wholeNumber(1, 390));

/** `tidemark demo`: runs the service with a realistic history and live traffic, in its own data directory. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('run the service with demo data: weeks of history of three orgs, and live traffic')
    .option('--days <number>', 'days of history', readDays, 30)
    .option('--data <folder>', 'data directory; existing data is reused', './demo-data')
    .option('--once', 'create the history, print the last day and exit', false)
    .action((flags: Flags) => runDemo(flags).catch(reportFailure));
}

async function runDemo(flags: Flags): Promise<void> {
  const config = await demoConfig(flags.data);
  const log = createLog({ level: config.logLevel });
  await runApp(config, log, (app, stopRequested) => demonstrate(flags, { config, app, log, stopRequested }));
}

/** Settings of the environment that the demo respects: notifications, and the Prometheus for rules and figures. */
const respectedSettings = [
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
  'orgMetrics',
  'outboundAllow',
] as const satisfies (keyof typeof settings)[];

/** Takes from the environment only settings that cannot lead to real data. */
async function demoConfig(dataDir: string): Promise<Config> {
  const { HTTP_HOST, HTTP_PORT, LOG_LEVEL } = process.env;
  return loadConfig({
    ...Object.fromEntries(
      respectedSettings.map((name) => [settings[name].env, process.env[settings[name].env]]),
    ),
    HTTP_HOST,
    HTTP_PORT: HTTP_PORT || String(await findFreePort(DEFAULT_PORT)),
    LOG_LEVEL: LOG_LEVEL || 'warn',
    DATA_DIR: dataDir,
  });
}

interface DemoService {
  config: Config;
  app: App;
  log: Log;
  stopRequested: AbortSignal;
}

async function demonstrate(flags: Flags, { config, app, log, stopRequested }: DemoService): Promise<void> {
  const orgs = demoOrgs.map(({ orgId }) => orgId);
  const token = await localAdminToken(config, app, orgs);
  if (token === undefined)
    throw new CodedError(
      'invalid_request',
      'the demo prints an admin token, so HTTP_HOST must be a loopback address such as 127.0.0.1',
    );
  const api = new DemoApi(app.address, token);
  const progress = new ProgressFile(config.dataDir);
  const now = systemClock.now();
  const wanted = { from: Math.floor((now - flags.days * DAY) / HOUR) * HOUR, to: now };

  // Prices come first, because a job is priced on arrival.
  await putDemoPrices(api);
  await putDemoRules(api);
  process.stdout.write(`\n  Creating ${flags.days} days of history for ${orgs.join(', ')}\n`);
  await fill(api, progress, wanted, stopRequested);
  if (stopRequested.aborted) return;
  process.stdout.write(lastDayTable(await readLastDay(api, systemClock.now())));
  if (flags.once) return;
  const shown = { ...shownToken(token, config.dataDir), link: await shownLoginLink(config, app, orgs) };
  process.stdout.write(welcome(app, shown, lastOutageWithin(wanted)));
  const client = await openLiveClient(api, orgs, (error) =>
    log.warn({ err: error }, 'live traffic could not be sent; it will be sent again'),
  );
  await showLiveTraffic({ client, progress, from: wanted.to, stopRequested });
}

async function fill(
  api: DemoApi,
  progress: ProgressFile,
  wanted: { from: number; to: number },
  stopRequested: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const bar = new ProgressBar('creating history', 1);
  try {
    const sent = await fillHistory({
      api,
      progress,
      wanted,
      stopRequested,
      onProgress: (share) => bar.show(share, 'creating history'),
    });
    bar.show(1, 'rolling it up');
    await untilRolledUp(api, systemClock.now(), stopRequested);
    bar.end();
    const seconds = formatNumber((performance.now() - began) / SECOND, 1);
    const duplicates = `${formatNumber(sent.duplicates)} duplicates were counted once`;
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

function welcome(
  { address }: App,
  { label, inCommands, link }: ReturnType<typeof shownToken> & { link: string | undefined },
  outage: Outage | undefined,
): string {
  const example = (title: string, path: string) => [
    `  ${title}:`,
    '',
    `  curl -s '${address}${path}' -H "Authorization: Bearer ${inCommands}"`,
    '',
  ];
  return [
    `  Tidemark is at   ${address}`,
    `  API docs         ${address}/docs`,
    ...(link === undefined ? [] : [`  Console          ${link}`]),
    `  Admin token      ${label}`,
    '',
    ...example('Usage by hour and model', '/analytics/v1/orgs/acme/usage?granularity=hour&groupBy=model'),
    ...(outage ? example(`The outage of ${outage.modelId}, hour by hour`, pathOfOutage(outage)) : []),
    ...example('Active alerts of the demo rules', '/api/v1/analytics/alerts/active'),
    '  Live traffic continues until you press Ctrl-C.',
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

/** Sends live traffic until a stop signal, and shows its count on a terminal. */
async function showLiveTraffic(
  options: Pick<LiveOptions, 'client' | 'progress' | 'from' | 'stopRequested'>,
): Promise<void> {
  const onStored = (count: number) => {
    if (process.stdout.isTTY) process.stdout.write(`\r  ${formatNumber(count)} live events`);
  };
  await runLiveTraffic({ ...options, clock: systemClock, onStored });
  if (process.stdout.isTTY) process.stdout.write('\n');
}
