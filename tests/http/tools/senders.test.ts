import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request as callService, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useService } from '../../support/service/service.ts';

const service = useService();
const script = fileURLToPath(new URL('senders/send.ts', import.meta.url));
const run = promisify(execFile);

/** In front of the service: answers the first request of each address with 503, as a restart does. */
let front: Server;
const refusedOnce = new Set<string>();
const encodings = new Map<string, string>();
beforeAll(async () => {
  front = createServer((request, response) => {
    const place = `${request.headers['x-api-key']} ${request.url}`;
    encodings.set(place, `${request.headers['content-type']} ${request.headers['content-encoding']}`);
    if (request.url === '/v1/traces' && !refusedOnce.has(place)) {
      refusedOnce.add(place);
      request.resume();
      response.writeHead(503, { 'retry-after': '1' }).end();
      return;
    }
    const { hostname, port } = new URL(service.origin);
    const { method, url: path, headers } = request;
    const onward = callService({ ...{ hostname, port, method, path, headers } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  front.closeAllConnections();
  front.close();
});

async function keyOf(org: string): Promise<string> {
  const { json } = await service.call('/analytics/v1/api-keys', {
    body: { name: org, role: 'ingest', orgs: [org] },
  });
  return json.key;
}

/** Runs the tool in a process of its own. Returns what it has written, and its key. */
async function sendWith(tool: string): Promise<{ written: string; key: string }> {
  const key = await keyOf(tool);
  const { port } = front.address() as AddressInfo;
  const options = {
    timeout: 120_000,
    env: { ...process.env, NODE_OPTIONS: '', OTEL_BSP_SCHEDULE_DELAY: '100' },
  };
  const args = [script, tool, `http://127.0.0.1:${port}`, key];
  const { stdout, stderr } = await run(process.execPath, args, options);
  return { written: stdout + stderr, key };
}

/** Runs the tool in a shell with the lines of its page, but for the address. Returns what it has written. */
async function sendByPage(page: string, tool: string): Promise<string> {
  const text = await readFile(new URL(`../../../docs/connect/${page}.md`, import.meta.url), 'utf8');
  const [, lines = ''] = /```sh\n(export [^`]*)```/.exec(text) ?? [];
  const env = { ...process.env, NODE_OPTIONS: '', KEY: await keyOf(`page-${page}`) };
  const command = `${lines.replaceAll('http://127.0.0.1:8084', service.origin)}exec "$0" "$@"`;
  const args = ['-c', command, process.execPath, script, tool];
  const { stdout, stderr } = await run('sh', args, { timeout: 120_000, env });
  return stdout + stderr;
}

async function stored(org: string) {
  const { rows } = await service.database.pool.query(
    `select model_id as model, provider, client_id as client, status, input_tokens::int as input,
            cached_input_tokens::int as cached, cache_write_tokens::int as written, output_tokens::int as output,
            reasoning_tokens::int as reasoning, cost::int as nanos
       from analytics.events where org_id = $1 order by event_id`,
    [org],
  );
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

const plain = {
  model: 'gpt-4o',
  provider: 'openai',
  client: 'shop',
  status: 'success',
  input: 70,
  output: 9,
};
const asked = {
  ...{ model: 'claude-sonnet-4-5', provider: 'anthropic', client: 'shop', status: 'success' },
  ...{ input: 1000, cached: 500, written: 200, output: 20 },
};
/** OpenLLMetry does not say which tokens came from a cache. */
const overOpenAi = { ...plain, model: 'gpt-4o-2024-08-06', cached: 30 };
const langfuse = { model: 'claude-sonnet-4-5', client: 'shop', status: 'success', input: 500, cached: 400 };
const { client: _, provider: __, ...event } = plain;

describe.concurrent('the SDK of a tool, in a process of its own', () => {
  test.each([
    ['otlp-http', [plain]],
    ['otlp-proto', [plain]],
    ['ai-sdk', [asked, asked]],
    ['ai-sdk-legacy', [asked, asked]],
    ['openllmetry', [{ ...plain, model: overOpenAi.model }]],
    ['openinference', [overOpenAi]],
    ['langfuse', [{ ...langfuse, output: 20, nanos: 1_230_000 }]],
    ['cloudevents', [event, event]],
  ])('%s sends calls that count once', { timeout: 150_000 }, async (tool, expected) => {
    const { written, key } = await sendWith(tool);
    const rows = await stored(tool);
    expect(rows, written).toMatchObject(expected);
    expect(rows).toHaveLength(expected.length);
    expect(written).toBe('');
    if (tool === 'otlp-http') expect(encodings.get(`${key} /v1/traces`)).toBe('application/json gzip');
    if (tool === 'otlp-proto') expect(encodings.get(`${key} /v1/traces`)).toBe('application/x-protobuf gzip');
    if (tool.startsWith('otlp')) expect(refusedOnce).toContain(`${key} /v1/traces`);
  });

  test.each([
    ['opentelemetry', 'otlp-http', [plain]],
    ['openinference', 'openinference', [overOpenAi]],
    ['vercel-ai-sdk', 'ai-sdk', [asked, asked]],
    ['langfuse', 'langfuse', [{ ...langfuse, output: 20 }]],
  ])('the lines of the page %s are enough', { timeout: 150_000 }, async (page, tool, expected) => {
    const written = await sendByPage(page, tool);
    expect(await stored(`page-${page}`), written).toMatchObject(expected);
    expect(written).toBe('');
  });
});
