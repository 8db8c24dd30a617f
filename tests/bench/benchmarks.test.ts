import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(`${root}/package.json`, 'utf8'),
);

/**
 * Runs a benchmark as `npm run bench:…` does, too small for its figures to mean anything, and returns its
 * output.
 */
async function run(name: string, size: Record<string, string>): Promise<string> {
  const [, file = ''] = scripts[`bench:${name}`]?.split(' ') ?? [];
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    cwd: root,
    env: { ...process.env, ...size },
    timeout: 170_000,
  });
  return stdout;
}

// Benchmarks check what they measure, so one that ends well has found the numbers right.
test.each([
  [
    'ingest',
    { BENCH_EVENTS: '5000' },
    ['5000 stored', '5000 duplicates', 'COPY from the same JSON', 'for one event'],
  ],
  ['late', { BENCH_EVENTS: '20000' }, ['until visible', 'rebuild of the same days']],
  ['latency', { BENCH_SECONDS: '1' }, ['bare INSERT', 'from acknowledgement to usage']],
  ['alerts', { BENCH_RULES: '20', BENCH_BREACHES: '3' }, ['20 rules', '3 breaches']],
  ['escalation', { BENCH_ALERTS: '3' }, ['critical, by SMS', 'warning, by Slack']],
  ['anomaly', { BENCH_SERIES: '1' }, ['hour of the week']],
  ['first-look', { BENCH_EVENTS: '200', BENCH_PAUSE: '0' }, ['after promotion', 'business/sales']],
  ['peers', { BENCH_EVENTS: '2000' }, ['Tidemark', 'materialised view', 'Skipped: ClickHouse']],
  ['sketch', {}, ['All within 1 %']],
])('bench:%s runs', async (name, size, printed) => {
  const output = await run(name, size);
  for (const part of printed) expect(output).toContain(part);
});
