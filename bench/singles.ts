/**
 * Measures one event a request, as most applications send. A thread sends single events over 32 and 128 connections,
 * each waiting for its answer. Then it sends 2,000 a second over 128 connections, at fixed times: these answers are timed
 * from the moment at which their request was due. Every answer means a committed event.
 *
 * The comparison is a bare node:http server in a process of its own. It reads the same requests, parses their JSON,
 * stores nothing and answers a constant: what Node itself takes of a request.
 *
 * Results: `CPU, µs` is the processor time of the Node process for one request (Linux only), and `of bare` its ratio to
 * the bare server in the same run. Unlike requests a second, it hardly depends on what else the machine does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SECOND } from '../src/time.ts';
import { processorTimeOf } from './support/processes/process-use.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { startService } from './support/service.ts';
import type { SingleSenderResult, SingleSenderTask } from './support/singles/single-sender.ts';

const DURATION = Number(process.env.BENCH_SECONDS ?? 10) * SECOND;
const WARM_UP = 5 * SECOND;
const loads: readonly ({ name: string } & Pick<SingleSenderTask, 'connections' | 'rate'>)[] = [
  { name: '32 connections', connections: 32 },
  { name: '128 connections', connections: 128 },
  { name: '2,000/s', connections: 128, rate: 2_000 },
];

async function sendSingles(
  task: Omit<SingleSenderTask, 'path' | 'host' | 'seed'>,
): Promise<SingleSenderResult> {
  const whole = { ...task, host: '127.0.0.1', path: '/analytics/v1/events', seed: Math.random() * 1e9 };
  const worker = new Worker(new URL('support/singles/single-sender.ts', import.meta.url), {
    workerData: whole,
  });
  const [result] = await once(worker, 'message');
  return result as SingleSenderResult;
}

async function startBare(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('support/singles/bare-server.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(child.stdout, 'data');
  return { child, port: Number(String(line)) };
}

const service = await startService();
const bare = await startBare();
const table: Record<string, Record<string, string | number>> = {};

async function measure(
  target: { pid: number; port: number; token: string },
  load: Pick<SingleSenderTask, 'connections' | 'rate'>,
) {
  const { pid, ...sent } = target;
  const before = processorTimeOf(pid);
  const began = performance.now();
  const { times, refused } = await sendSingles({ ...sent, ...load, duration: DURATION });
  const took = performance.now() - began;
  const sorted = times.sort((a, b) => a - b);
  return {
    cpu: (processorTimeOf(pid) - before) / times.length,
    row: {
      'requests/s': Math.round((times.length / took) * SECOND).toLocaleString('en'),
      p50: quantileOfSorted(sorted, 0.5).toFixed(1),
      p99: quantileOfSorted(sorted, 0.99).toFixed(1),
      refused,
    },
  };
}

try {
  const ours = { pid: service.pid, port: Number(new URL(service.address).port), token: service.token };
  const theirs = { pid: bare.child.pid ?? 0, port: bare.port, token: service.token };
  progress('warming up');
  for (const { pid, ...target } of [ours, theirs])
    await sendSingles({ ...target, connections: 32, duration: WARM_UP });
  for (const { name: load, ...task } of loads) {
    progress(`${load} (${(2 * DURATION) / SECOND} s)`);
    const floor = await measure(theirs, task);
    const measured = await measure(ours, task);
    const enter = (name: string, { cpu, row }: typeof floor) => {
      table[`${name}, ${load}`] = {
        ...row,
        'CPU, µs': cpu.toFixed(0),
        'of bare': (cpu / floor.cpu).toFixed(2),
      };
    };
    enter('bare server', floor);
    enter('service', measured);
  }
  endProgress();
  console.log('Milliseconds, unless it says otherwise.');
  console.table(table);
} finally {
  bare.child.kill();
  await service.stop();
}
