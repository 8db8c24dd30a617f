/**
 * Measures the client library: what `track()` costs the application, and the events a second that reach the service
 * through it, beside the same events in bodies that were made before.
 */
import { Tidemark, type TrackedEvent } from '../client/src/tidemark.ts';
import { type Service, startService } from './support/service.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 100_000);
const PER_REQUEST = 2_000;
const ROUNDS = 3;

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-pro'];

function eventOf(index: number): TrackedEvent {
  return {
    type: 'usage',
    modelId: MODELS[index % MODELS.length] ?? '',
    provider: 'openai',
    status: 'success',
    inputTokens: 800 + (index % 400),
    outputTokens: 90,
    latencyMs: 640.5,
    labels: { team: 'search' },
  };
}

async function makeKey({ address, token }: Service): Promise<string> {
  const response = await fetch(`${address}/analytics/v1/api-keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', role: 'ingest', orgs: ['bench'] }),
  });
  const { key } = (await response.json()) as { key: string };
  return key;
}

/** Seconds of wall and processor time of this process. */
async function timed(work: () => Promise<void> | void): Promise<{ seconds: number; processor: number }> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - began) / 1_000, processor: (user + system) / 1e6 };
}

async function throughClient(url: string, apiKey: string) {
  const client = new Tidemark({
    url,
    apiKey,
    org: 'bench',
    maxQueueBytes: 64 * 2 ** 20,
    flushAt: PER_REQUEST,
  });
  const tracking = await timed(() => {
    for (let index = 0; index < EVENTS; index++) client.track(eventOf(index));
  });
  const sending = await timed(() => client.flush(120_000));
  const { stored, dropped } = await client.close();
  if (stored !== EVENTS) throw new Error(`stored ${stored}, dropped ${dropped}`);
  return {
    'track(), µs of the processor': (tracking.processor / EVENTS) * 1e6,
    'sending, µs of the processor': (sending.processor / EVENTS) * 1e6,
    'events/s': EVENTS / (tracking.seconds + sending.seconds),
  };
}

async function readyMade(url: string, apiKey: string) {
  const bodies = Array.from({ length: EVENTS / PER_REQUEST }, (_, body) =>
    Array.from({ length: PER_REQUEST }, (_unused, index) =>
      JSON.stringify({
        ...{ eventId: crypto.randomUUID(), orgId: 'bench', occurredAt: new Date().toISOString() },
        ...eventOf(body * PER_REQUEST + index),
      }),
    ).join('\n'),
  );
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/x-ndjson' };
  const { seconds, processor } = await timed(async () => {
    const work = async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
        const response = await fetch(`${url}/analytics/v1/events`, { method: 'POST', headers, body });
        if (response.status !== 200) throw new Error(await response.text());
        await response.arrayBuffer();
      }
    };
    await Promise.all([work(), work()]);
  });
  return {
    'track(), µs of the processor': 0,
    'sending, µs of the processor': (processor / EVENTS) * 1e6,
    'events/s': EVENTS / seconds,
  };
}

const service = await startService();
try {
  const key = await makeKey(service);
  const table: Record<string, object> = {};
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries({ client: throughClient, 'ready-made bodies': readyMade })) {
      const measured = Object.entries(await run(service.address, key));
      table[`${name}, round ${round}`] = Object.fromEntries(
        measured.map(([what, value]) => [what, Math.round(value * 10) / 10]),
      );
    }
  }
  console.table(table);
} finally {
  await service.stop();
}
