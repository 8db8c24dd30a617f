/** The compiled client on the runtimes other than Node: Bun, Deno, and workerd, which runs Workers. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../src/database/embedded/free-port.ts';
import { missingProgram } from '../docs/shell.ts';
import { useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';

const EVENTS = 1_200;
const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

const service = useService();
let folder = '';
let apiKey = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-runtimes-'));
  const tsc = join(root, 'node_modules/.bin/tsc');
  await run(tsc, ['-p', join(root, 'client/tsconfig.esm.json'), '--outDir', join(folder, 'client')]);
  const key = { name: 'application', role: 'ingest', orgs: ['acme'] };
  apiKey = (await service.call('/analytics/v1/api-keys', { body: key })).json.key;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const imports = `import { Tidemark } from './client/tidemark.js';
import { withCorrelationId } from './client/correlation.js';
`;

/** Tracks events of the model, a pause later than the start of what the correlation id covers. */
function program(modelId: string, options: object = {}): string {
  const given = { url: service.origin, apiKey, org: 'acme', ...options };
  return `${imports}
const tidemark = new Tidemark(${JSON.stringify(given)});
await withCorrelationId('${modelId}-1', async () => {
  await Promise.resolve();
  for (let index = 0; index < ${EVENTS}; index++) tidemark.track({ modelId: '${modelId}', status: 'success' });
});
`;
}

async function stored(modelId: string): Promise<{ events: number; correlationIds: string[] }> {
  const { rows } = await service.database.pool.query(
    `select count(*)::int as events, array_agg(distinct correlation_id) as "correlationIds"
     from analytics.events where model_id = $1`,
    [modelId],
  );
  return rows[0];
}

const runtimes = [
  { name: 'Bun', command: 'bun', args: ['run'] },
  { name: 'Deno', command: 'deno', args: ['run', '--allow-net', '--allow-env'] },
];

describe.each(runtimes)('$name', ({ name, command, args }) => {
  describe('a program', skipUnless(missingProgram([command]) === undefined, `needs ${name}`), () => {
    async function start(file: string, text: string) {
      await writeFile(join(folder, file), text);
      return run(command, [...args, file], { cwd: folder });
    }

    test('that ends without close has sent everything, with its correlation id', async () => {
      const modelId = `${command}-ended`;
      expect(await start(`${modelId}.mjs`, program(modelId))).toEqual({ stdout: '', stderr: '' });
      expect(await stored(modelId)).toEqual({ events: EVENTS, correlationIds: [`${modelId}-1`] });
    });

    test('that closes learns what was stored', async () => {
      const modelId = `${command}-closed`;
      const text = `${program(modelId)}console.log(JSON.stringify(await tidemark.close()));`;
      const { stdout } = await start(`${modelId}.mjs`, text);
      expect(JSON.parse(stdout)).toMatchObject({ stored: EVENTS, queued: 0, dropped: 0, retries: 0 });
    });

    test('whose service is away ends all the same, and says what is lost', async () => {
      const modelId = `${command}-away`;
      const options = { url: 'http://127.0.0.1:9', shutdownTimeout: 300 };
      const { stderr } = await start(`${modelId}.mjs`, program(modelId, options));
      expect(stderr).toContain(`tidemark: ${EVENTS} events were dropped: exit`);
    });
  });
});

describe('workerd', skipUnless(missingProgram(['workerd']) === undefined, 'needs workerd'), () => {
  test('a Worker that tracks and answers has sent everything after its answer', async () => {
    const origin = await startWorker(`${imports}
export default {
  fetch(request, env, context) {
    const tidemark = new Tidemark({
      ...${JSON.stringify({ url: service.origin, apiKey, org: 'acme' })},
      waitUntil: (sent) => context.waitUntil(sent),
    });
    withCorrelationId('worker-1', () => {
      for (let index = 0; index < ${EVENTS}; index++) tidemark.track({ modelId: 'worker', status: 'success' });
    });
    return new Response('tracked');
  },
};`);
    expect(await (await fetch(origin)).text()).toBe('tracked');
    const all = { events: EVENTS, correlationIds: ['worker-1'] };
    await expect.poll(() => stored('worker'), { timeout: 20_000 }).toEqual(all);
  });
});

/** Starts workerd with the Worker and the compiled client as its modules. */
async function startWorker(text: string): Promise<string> {
  await writeFile(join(folder, 'worker.js'), text);
  const compiled = await readdir(join(folder, 'client'), { recursive: true });
  const names = compiled.filter((name) => name.endsWith('.js')).map((name) => `client/${name}`);
  const modules = ['worker.js', ...names].map((name) => `(name = "${name}", esModule = embed "${name}")`);
  const port = await findFreePort();
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["nodejs_compat"],
);
`;
  await writeFile(join(folder, 'worker.capnp'), config);
  const workerd = spawn('workerd', ['serve', 'worker.capnp'], { cwd: folder, stdio: 'ignore' });
  onTestFinished(() => void workerd.kill());
  await expect.poll(() => accepts(port), { timeout: 20_000 }).toBe(true);
  return `http://127.0.0.1:${port}`;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
