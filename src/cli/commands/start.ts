import { Command } from 'commander';
import type { App } from '../../app/app.ts';
import { isLocalMode } from '../../auth/local-mode.ts';
import { type Config, loadConfig } from '../../config.ts';
import { useEnvironmentProxy } from '../../environment-proxy.ts';
import { mistakenSettings } from '../../setting-text.ts';
import { createLog } from '../../telemetry/log.ts';
import { localAdminToken, shownToken, tokenCommandLine } from '../local-admin.ts';
import { loginCommandLine, shownLoginLink } from '../login-link.ts';
import { reportFailure } from '../report-failure.ts';
import { aborted, runApp } from '../run-app.ts';

/** `tidemark start`: runs the service until a stop signal. */
export function startCommand(): Command {
  return new Command('start')
    .description('run the service (settings come from the environment)')
    .action(start);
}

async function start(): Promise<void> {
  try {
    const config = loadConfig(process.env);
    const log = createLog({ level: config.logLevel });
    for (const mistaken of mistakenSettings(process.env))
      log.warn(mistaken, 'this environment variable has no effect; it looks like a setting');
    useEnvironmentProxy();
    await runApp(config, log, async (app, stopRequested) => {
      process.stdout.write(process.stdout.isTTY ? await welcome(config, app) : await readyLine(config, app));
      await aborted(stopRequested);
    });
  } catch (error) {
    reportFailure(error);
  }
}

/** What a terminal is told, for output that is none: a line like the other lines of the log. It has no credentials. */
async function readyLine(config: Config, app: App): Promise<string> {
  const hasOwnAdmin = (await localAdminToken(config, app)) !== undefined;
  const line = {
    level: 'info',
    time: new Date().toISOString(),
    address: app.address,
    docs: `${app.address}/docs`,
    data: app.dataLocation ?? 'in the database of DATABASE_URL',
    ...(isLocalMode(config) && { login: loginCommandLine(config, app) }),
    ...(hasOwnAdmin && { token: tokenCommandLine(config.dataDir) }),
    msg: 'Tidemark is ready',
  };
  return `${JSON.stringify(line)}\n`;
}

/** The first steps for a new user, on a terminal. A token is shown only if nobody else can reach the service. */
async function welcome(config: Config, app: App): Promise<string> {
  const lines = [
    '',
    `  Tidemark is ready   ${app.address}`,
    `  API docs            ${app.address}/docs`,
    `  Data                ${app.dataLocation ?? 'in the database of DATABASE_URL'}`,
  ];
  const link = await shownLoginLink(config, app);
  if (link !== undefined) lines.push(`  Console             ${link}`);
  const token = await localAdminToken(config, app);
  if (token !== undefined) {
    const { label, inCommands } = shownToken(token, config.dataDir);
    lines.push(`  Admin token         ${label}`, '', ...examples(app.address, inCommands));
  }
  return `${lines.join('\n')}\n\n`;
}

function examples(address: string, token: string): string[] {
  const event = {
    eventId: crypto.randomUUID(),
    orgId: 'acme',
    modelId: 'gpt-4o',
    occurredAt: new Date().toISOString(),
    latencyMs: 820,
    status: 'success',
    inputTokens: 1200,
    outputTokens: 350,
    costEstimateCents: 0.65,
  };
  return [
    '  Send an event, then query the usage:',
    '',
    `  curl -s ${address}/analytics/v1/events -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' -d '${JSON.stringify(event)}'`,
    '',
    `  curl -s '${address}/analytics/v1/orgs/acme/usage' -H "Authorization: Bearer ${token}"`,
  ];
}
