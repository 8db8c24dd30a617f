import { appendFile, chmod, chown, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { chooseAccount, runAs } from '../../../src/database/embedded/account.ts';
import { findBinaries } from '../../../src/database/embedded/binaries.ts';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import {
  findPostmaster,
  startPostmaster,
  stopPostmaster,
} from '../../../src/database/embedded/postmaster.ts';
import { sleep } from '../../../src/time.ts';
import { gone } from './embedded-holder.ts';

/** The role that services connect as. It is no superuser, so that every limit applies to it. */
const ROLE = 'tidemark_service';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

/** A PostgreSQL that a test may stop, kill and fill up. */
export interface OwnPostgres {
  /** As superuser, to the database `postgres`. */
  readonly url: string;
  /** Runs a statement as superuser, in the database `postgres`. */
  run(sql: string): Promise<void>;
  /** Resolves when it accepts connections. */
  start(): Promise<void>;
  /** Stops it in order, cutting every connection. */
  stop(): Promise<void>;
  /** kill -9 of its first process. */
  kill(): Promise<void>;
  isRunning(): Promise<boolean>;
  /** An empty database, for the role that services connect as. */
  newDatabase(): Promise<string>;
}

interface OwnPostgresOptions {
  /** An empty directory that every account can reach. */
  directory: string;
  settings?: Record<string, string>;
  /** Set for all of its processes. */
  env?: Record<string, string>;
}

/** Makes a cluster without starting it. */
export async function makePostgres(options: OwnPostgresOptions): Promise<OwnPostgres> {
  const place = await realpath(options.directory);
  const account = await chooseAccount({ cluster: join(place, 'none'), checkout: import.meta.dirname });
  const binaries = await findBinaries(account, quiet);
  const directory = join(place, 'cluster');
  await mkdir(directory, { mode: 0o700 });
  if (account) await chown(directory, account.uid, account.gid);
  const made = await runAs(account, binaries.initdb, [
    ...['-D', directory, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
  ]);
  if (made.code !== 0) throw new Error(made.output);
  await appendFile(join(directory, 'pg_hba.conf'), 'host all all all trust\n');
  const postgres = await withEnvironment(binaries.postgres, options.env ?? {}, place);
  const port = await findFreePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    ...options.settings,
  };
  const logFile = join(place, 'postgres.log');
  const onServer = (sql: string) => runOn(url, sql);
  let databases = 0;
  return {
    url,
    run: onServer,
    async start() {
      for (;;) {
        const outcome = await startPostmaster({
          postgres,
          directory,
          account,
          settings,
          port,
          logFile,
          log: quiet,
        });
        if (outcome.kind === 'started') return;
        // The remaining processes of a killed server end by themselves.
        if (outcome.reason !== 'cluster_busy') throw new Error(outcome.logTail);
        await sleep(100);
      }
    },
    async stop() {
      const running = await findPostmaster(directory);
      if (running) await stopPostmaster(running, directory);
    },
    async kill() {
      const running = await findPostmaster(directory);
      if (!running) return;
      process.kill(running.pid, 'SIGKILL');
      await gone(running.pid);
    },
    isRunning: async () => (await findPostmaster(directory)) !== undefined,
    async newDatabase() {
      const name = `faults_${++databases}`;
      if (databases === 1) await onServer(`create role ${ROLE} login`);
      await onServer(`create database ${name} owner ${ROLE}`);
      return url.replace('postgres@', `${ROLE}@`).replace(/postgres$/, name);
    },
  };
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** The program with further environment variables. */
async function withEnvironment(
  program: string,
  env: Record<string, string>,
  directory: string,
): Promise<string> {
  const names = Object.entries(env);
  if (names.length === 0) return program;
  const script = join(directory, 'postgres-with-environment');
  const lines = names.map(([name, value]) => `export ${name}='${value}'`);
  await writeFile(script, ['#!/bin/sh', ...lines, `exec '${program}' "$@"`, ''].join('\n'));
  await chmod(script, 0o755);
  return script;
}
