/** The memory that waiting events take, measured in the heap of a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MIB = 2 ** 20;
const client = join(import.meta.dirname, '../../client/src/tidemark.ts');

/** Tracks 100,000 events for a service that is away, and prints how far the heap grew while they wait. */
function program(maxQueueBytes: number, event: object): string {
  return `import { Tidemark } from ${JSON.stringify(client)};
const options = { url: 'http://127.0.0.1:9', apiKey: 'key', org: 'acme', onDrop() {}, onError() {}, shutdownTimeout: 100 };
async function measured() {
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
async function fill(maxQueueBytes) {
  const tidemark = new Tidemark({ ...options, maxQueueBytes });
  const event = ${JSON.stringify(event)};
  for (let index = 0; index < 100_000; index++) tidemark.track(event);
  const bytes = await measured();
  const { queued, dropped } = tidemark.stats;
  await tidemark.close();
  return { bytes, queued, dropped };
}
// What the runtime loads and compiles at the first use is no event.
await fill(${MIB});
const before = await measured();
const { bytes, queued, dropped } = await fill(${maxQueueBytes});
console.log(JSON.stringify({ growth: bytes - before, queued, dropped }));`;
}

test.each([
  ['plain', { modelId: 'away', status: 'success', inputTokens: 812 }],
  ['in another script', { modelId: 'away', status: 'success', metadata: { feature: '検索'.repeat(20) } }],
])('100,000 events that wait, %s, take no more memory than the queue may', async (_, event) => {
  const maxQueueBytes = 8 * MIB;
  const args = ['--expose-gc', '--input-type=module', '--eval', program(maxQueueBytes, event)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { growth, queued, dropped } = JSON.parse(stdout);
  expect(queued + dropped).toBe(100_000);
  // One MiB for the two requests that are on their way, compressed, and for what the measurement itself takes.
  expect(growth).toBeLessThan(maxQueueBytes + MIB);
  expect(growth).toBeGreaterThan(maxQueueBytes / 2);
});
