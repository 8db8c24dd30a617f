import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useService } from '../support/service/service.ts';

const service = useService();
let apiKey = '';
beforeAll(async () => {
  const key = { name: 'application', role: 'ingest', orgs: ['acme'] };
  apiKey = (await service.call('/analytics/v1/api-keys', { body: key })).json.key;
});

const client = join(import.meta.dirname, '../../client/src/tidemark.ts');

/** Runs a program that has a client, and waits until it ends by itself. */
async function run(program: string, { url = service.origin, options = '{}' } = {}) {
  const script = `import { Tidemark } from ${JSON.stringify(client)};
const tidemark = new Tidemark({ ...${JSON.stringify({ url, apiKey, org: 'acme' })}, ...${options} });
${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      output += piece;
    });
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

async function countOf(modelId: string): Promise<number> {
  const { rows } = await service.database.pool.query(
    'select count(*)::int as events from analytics.events where model_id = $1',
    [modelId],
  );
  return rows[0].events;
}

/** The program that tracks so many events of a model. */
function track(modelId: string, count: number): string {
  return `for (let index = 0; index < ${count}; index++) tidemark.track({ modelId: '${modelId}', status: 'success' });`;
}

test('a process that tracks and ends without close has sent everything', async () => {
  expect(await run(track('ended', 1_200))).toEqual({ code: 0, signal: null, output: '' });
  expect(await countOf('ended')).toBe(1_200);
});

test('a process whose service is away ends all the same, and says what is lost', async () => {
  const ended = await run(track('away', 30), {
    url: 'http://127.0.0.1:9',
    options: '{ shutdownTimeout: 300 }',
  });
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.output).toContain('tidemark: 30 events were dropped: exit');
});

test('a process that calls exit says what is lost', async () => {
  const ended = await run(`${track('exited', 7)} process.exit(3);`);
  expect(ended).toMatchObject({ code: 3, output: expect.stringContaining('7 events were dropped: exit') });
});

test('a process that has nothing to send ends at once', async () => {
  expect(await run('')).toEqual({ code: 0, signal: null, output: '' });
});

test('a process that is asked to handle signals sends everything, and ends by the signal', async () => {
  const program = `${track('signalled', 40)} setInterval(() => {}, 1_000); process.kill(process.pid, 'SIGTERM');`;
  expect(await run(program, { options: '{ handleSignals: true }' })).toMatchObject({ signal: 'SIGTERM' });
  expect(await countOf('signalled')).toBe(40);
});
