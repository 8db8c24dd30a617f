import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { MINUTE, sleep } from '../../../src/time.ts';
import { findService, rabbitmq } from '../../support/set-up/find-services.ts';

/** The programs themselves, because those on the path insist on an account of their own. */
const PROGRAMS = '/usr/lib/rabbitmq/bin';

/** Whether tests can have a broker of their own here. */
export const hasRabbitmqServer = existsSync(join(PROGRAMS, 'rabbitmq-server'));

const PATIENCE = 2 * MINUTE;

/** A broker that keeps its data on disk, and that a test may kill and start again at the same place. */
export interface OwnRabbitmq {
  readonly url: string;
  /** Resolves when it accepts connections. */
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Pretends that the disk is nearly full, which blocks publishers, or ends that. */
  alarm(raised: boolean): Promise<void>;
  /** The ready messages of each queue, as text. */
  queues(): Promise<string>;
}

/** A place for a broker in an empty directory. No broker runs there yet. */
export async function makeRabbitmq(directory: string): Promise<OwnRabbitmq> {
  const [port, distribution] = [await findFreePort(), await findFreePort()];
  const plugins = join(directory, 'plugins');
  await writeFile(plugins, '[].\n');
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    RABBITMQ_NODENAME: `tidemark-test-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_CONFIG_FILE: join(directory, 'none'),
    // Other brokers run on the same cores.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none',
  };
  const url = `amqp://127.0.0.1:${port}`;
  const control = async (...command: string[]): Promise<string> => {
    const args = ['--node', env.RABBITMQ_NODENAME, ...command];
    const { stdout } = await promisify(execFile)(join(PROGRAMS, 'rabbitmqctl'), args, { env });
    return stdout;
  };
  let child: ChildProcess | undefined;
  return {
    url,
    async start() {
      child = spawn(join(PROGRAMS, 'rabbitmq-server'), [], {
        stdio: 'ignore',
        cwd: '/',
        env,
        detached: true,
      });
      const until = performance.now() + PATIENCE;
      while (!(await findService({ ...rabbitmq, defaultUrl: url }, {}))) {
        if (child.exitCode !== null || performance.now() > until)
          throw new Error(`rabbitmq-server does not start; its log is in ${directory}`);
        await sleep(100);
      }
    },
    async kill() {
      if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      // The whole process group: the script, and the virtual machine that it started.
      process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
    async alarm(raised) {
      const limit = raised ? '9999999GB' : '50MB';
      await control('set_disk_free_limit', limit);
    },
    queues: () =>
      control('list_queues', 'name', 'messages_ready', 'messages_unacknowledged', 'consumers', 'state'),
  };
}
