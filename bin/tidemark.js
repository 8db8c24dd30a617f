#!/usr/bin/env node
/**
 * The `tidemark` command. The service is TypeScript that Node runs as it is, which Node does since 22.18;
 * under an older one this starts the Node that `npm ci` put into node_modules. Plain JavaScript, so that
 * any Node can read it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/main.ts', import.meta.url);
const bundledNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

const runsTypeScript = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};

/** Runs the service under `node` with our arguments, limits of memory and terminal, and ends as it ends. */
const runUnder = (node) => {
  const limits = process.execArgv.filter((option) => option.startsWith('--max-'));
  // The channel closes when this process ends, however it ends. Then the service stops, too.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, [...limits, fileURLToPath(main), ...process.argv.slice(2)], { stdio });
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

if (process.env.npm_lifecycle_event === 'npx') stopWithNpx();

if (runsTypeScript()) {
  await import(main.href);
} else if (existsSync(bundledNode)) {
  runUnder(bundledNode);
} else {
  console.error(
    [
      `tidemark needs Node 22.18 or later; this is ${process.version}.`,
      'In a checkout, `npm ci` installs a Node of its own. It is missing here: either run `npm ci`, or, where npm',
      'held back its install script, allow it with `npm install-scripts approve node` and run `npm rebuild node`.',
    ].join('\n'),
  );
  process.exitCode = 1;
}
