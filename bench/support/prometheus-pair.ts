import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECOND, sleep } from '../../src/time.ts';

/** A Prometheus and an Alertmanager of this benchmark, on loopback. */
export interface PrometheusPair {
  stop(): Promise<void>;
}

interface PairOptions {
  /** `host:port` whose `/metrics` is scraped. */
  target: string;
  /** Alerts for each label set for which it is true. */
  expression: string;
  /** URL to which Alertmanager sends its webhooks. */
  webhook: string;
}

/** Starts both with the shortest sensible intervals: they scrape and evaluate each second, and group nothing. */
export async function startPrometheusPair(options: PairOptions): Promise<PrometheusPair> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
  const [prometheus, alertmanager] = await Promise.all([freePort(), freePort()]);
  const write = (name: string, content: object) => writeFile(join(directory, name), JSON.stringify(content));
  // JSON is YAML.
  await write('alertmanager.yml', {
    route: {
      receiver: 'bench',
      group_by: ['...'],
      group_wait: '0s',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'bench', webhook_configs: [{ url: options.webhook, send_resolved: false }] }],
  });
  await write('rules.yml', {
    groups: [{ name: 'bench', interval: '1s', rules: [{ alert: 'Failing', expr: options.expression }] }],
  });
  await write('prometheus.yml', {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(directory, 'rules.yml')],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] },
    scrape_configs: [{ job_name: 'bench', static_configs: [{ targets: [options.target] }] }],
  });
  const children = [
    run('prometheus-alertmanager', [
      `--config.file=${join(directory, 'alertmanager.yml')}`,
      `--storage.path=${join(directory, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      '--cluster.listen-address=',
    ]),
    run('prometheus', [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheus}`,
    ]),
  ];
  const stop = async () => {
    await Promise.all(children.map(end));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await ready(`http://127.0.0.1:${alertmanager}/-/ready`, children);
    await ready(`http://127.0.0.1:${prometheus}/-/ready`, children);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function run(program: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore' });
  // If the program is missing, `ready` reports it.
  child.on('error', () => {});
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function ready(url: string, children: readonly ChildProcess[]): Promise<void> {
  for (let looks = 0; looks < 120; looks++) {
    const missing = children.find((child) => child.pid === undefined || child.exitCode !== null);
    if (missing)
      throw new Error(`${missing.spawnfile} does not run; install the Debian package of that name`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(SECOND / 4);
  }
  throw new Error(`${url} is not ready`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
