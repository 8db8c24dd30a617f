/** The whole service as a process of its own, as `npm start` runs it, so that it can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compileCache } from './compile-cache.ts';
import { JWT_SECRET } from './service.ts';

export interface ServiceProcess {
  pid: number;
  origin: string;
  /** The real directory of the embedded cluster. */
  location: string;
  /** Its log so far. */
  log(): string;
  /** Lets it finish the events it has accepted. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

const main = join(import.meta.dirname, '../../../src/main.ts');
/** The line of a service that is ready, with its address. */
const READY = /"address":"([^"]+)".*"msg":"Tidemark is ready"/;

/**
 * Starts the service on the embedded database of a data directory, and resolves when it is ready. A launcher
 * is a command that runs the command it is given.
 * @throws the output of the service, if it ends before it is ready
 */
export async function startServiceProcess(
  dataDir: string,
  env: Record<string, string> = {},
  launcher: readonly string[] = [],
): Promise<ServiceProcess> {
  const [program = '', ...args] = [...launcher, process.execPath, main, 'start'];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...compileCache(), PATH: process.env.PATH, HTTP_PORT: '0', JWT_SECRET, DATA_DIR: dataDir, ...env },
  });
  let output = '';
  const keep = (piece: Buffer) => {
    output += piece.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'exit');
  const said = (what: RegExp) => what.exec(output)?.[1];
  const ready = (async () => {
    while (said(READY) === undefined) await once(child.stdout, 'data');
  })();
  const failed = ended.then(([code]) => {
    throw new Error(`The service ended with ${code} before it was ready:\n${output}`);
  });
  await Promise.race([ready, failed]);
  failed.catch(() => {});
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    origin: said(READY) ?? '',
    location: said(/"data":"([^"]+)"/) ?? '',
    log: () => output,
    stop: end('SIGTERM'),
    kill: end('SIGKILL'),
  };
}
