import { resolve } from 'node:path';
import type { App } from '../app/app.ts';
import { isLocalMode } from '../auth/local-mode.ts';
import { ownCommand, shellWord } from '../command-line.ts';
import type { Config } from '../config.ts';
import { LOCAL_ADMIN } from './local-admin.ts';
import { commandLineCaller } from './operator.ts';

/** The address of the service for a browser: that of PUBLIC_URL, or else where it listens. */
export function consoleAddress({ publicUrl, httpHost, httpPort }: Config): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
  const host = httpHost === '0.0.0.0' || httpHost === '::' ? '127.0.0.1' : httpHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${httpPort}`;
}

/** The code is in the fragment, which browsers do not send: no log of a server or proxy has it. */
export function loginLink(address: string, code: string): string {
  return `${address}/console/login#code=${code}`;
}

/**
 * What the start shows for signing in: on a terminal a link, elsewhere the command that prints one. `undefined` unless the
 * service is for this machine alone.
 */
export async function shownLoginLink(
  config: Config,
  app: App,
  orgs: readonly string[] = [],
): Promise<string | undefined> {
  if (!isLocalMode(config)) return undefined;
  if (!process.stdout.isTTY) return `from the command: ${loginCommandLine(config, app)}`;
  const owner = { id: LOCAL_ADMIN, roles: ['admin'] as const, orgs };
  const code = await app.createLoginCode(owner, commandLineCaller('tidemark start'));
  return `${loginLink(app.address, code)}   (once, within ten minutes)`;
}

/** The command needs the database and the port of the service. A DATABASE_URL is a secret, and is not shown. */
export function loginCommandLine({ dataDir, databaseUrl }: Config, { address }: App): string {
  const data = databaseUrl === undefined ? `DATA_DIR=${shellWord(resolve(dataDir))} ` : '';
  return `${data}HTTP_PORT=${new URL(address).port} ${ownCommand()} login`;
}
