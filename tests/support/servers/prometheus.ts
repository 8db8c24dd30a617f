/** A real Prometheus that scrapes every second, if Debian's package (or any other) is installed. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const havePrometheus = spawnSync('prometheus', ['--version']).status === 0;

export interface Prometheus {
  /** Makes it hang, and go on. */
  pause(): void;
  resume(): void;
  /** Kills it. Its scraped data is there when it is started again. */
  kill(): Promise<void>;
  start(): void;
  /** Stops it for good. */
  stop(): Promise<void>;
}

/**
 * Starts a Prometheus on a port of 127.0.0.1 that scrapes `/metrics` of one target there or several. It may take a moment
 * to answer.
 * @param history its earlier data, as OpenMetrics text
 */
export async function startPrometheus(
  port: number,
  target: string | readonly string[],
  history?: string,
): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-prometheus-'));
  const [config, data] = [join(directory, 'prometheus.yml'), join(directory, 'data')];
  await writeFile(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: tidemark
    static_configs: [{ targets: ${JSON.stringify([target].flat())} }]
`,
  );
  if (history !== undefined) {
    const file = join(directory, 'history.txt');
    await writeFile(file, history);
    const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data];
    await promisify(execFile)('promtool', blocks);
  }
  let child: ChildProcess | undefined;
  const start = () => {
    child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=60d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  start();
  return {
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    kill,
    start,
    async stop() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
