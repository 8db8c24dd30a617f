/**
 * Measures the error of our percentiles. Values are spread over minutes, and each minute keeps a sketch. Sketches are
 * merged over ranges of every length, as in a query. The result is compared with the exact percentile of the same values
 * (nearest rank, `percentile_disc`), and with the average of the percentiles of each minute.
 *
 * Results: `off by` is the largest relative error over all ranges. Ours is at most 1 %, whatever the distribution. The
 * error of averaged percentiles depends on it, and has no bound.
 */
import { readFile } from 'node:fs/promises';
import { binOf } from '../src/events/sketch-bin.ts';
import { Sketch } from '../src/queries/reading/sketch.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { normal, seeded } from './support/random.ts';

const QUANTILES = [0.5, 0.95, 0.99];
const BUCKETS = 720;
const RANGES = 300;
const PER_BUCKET = 250;
const BOUND = 0.01;
/** One hour of a real inference service (Azure LLM inference trace 2023). Its prompt sizes are the values. */
const REAL = new URL('../../shared/data/azure-llm-2023-code.csv', import.meta.url);

interface Bucket {
  values: Float64Array;
  /** As a query returns it: six bytes for each bin and its count, in base64. */
  sketch: string;
  percentiles: number[];
}

function bucketOf(given: readonly number[]): Bucket {
  const values = Float64Array.from(given).sort();
  const counts = new Map<number, number>();
  for (const value of values) counts.set(binOf(value), (counts.get(binOf(value)) ?? 0) + 1);
  const sketch = Buffer.alloc(6 * counts.size);
  for (const [index, [bin, count]] of [...counts].entries()) {
    sketch.writeInt16BE(bin, 6 * index);
    sketch.writeInt32BE(count, 6 * index + 2);
  }
  return {
    values,
    sketch: sketch.toString('base64'),
    percentiles: QUANTILES.map((q) => quantileOfSorted(values, q)),
  };
}

function bucketsOf(values: readonly number[], size: number): Bucket[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    bucketOf(values.slice(index * size, (index + 1) * size)),
  );
}

function errorsOver(buckets: readonly Bucket[], sketch: Sketch) {
  sketch.clear();
  const exact = Float64Array.from(buckets.flatMap(({ values }) => [...values])).sort();
  for (const { sketch: part, values } of buckets) {
    sketch.add(part, values[0] ?? null, values.at(-1) ?? null);
  }
  return QUANTILES.map((q, index) => {
    const right = quantileOfSorted(exact, q);
    const off = (estimate: number) => (right === 0 ? Math.abs(estimate) : Math.abs(estimate / right - 1));
    const averaged =
      buckets.reduce((sum, bucket) => sum + (bucket.percentiles[index] ?? 0), 0) / buckets.length;
    return { ours: off(sketch.quantile(q) ?? Number.NaN), averaged: off(averaged) };
  });
}

/** The largest errors over ranges of random position and length, and over all values. */
function largestErrors(buckets: readonly Bucket[], random: () => number) {
  const sketch = new Sketch();
  const largest = QUANTILES.map(() => ({ ours: 0, averaged: 0 }));
  for (let range = 0; range < RANGES; range++) {
    const length = range === 0 ? buckets.length : Math.ceil(buckets.length ** random());
    const start = Math.floor(random() * (buckets.length - length + 1));
    for (const [index, errors] of errorsOver(buckets.slice(start, start + length), sketch).entries()) {
      const most = largest[index];
      if (!most) continue;
      most.ours = Math.max(most.ours, errors.ours);
      most.averaged = Math.max(most.averaged, errors.averaged);
    }
  }
  return largest;
}

function generate(value: (random: () => number) => number): number[] {
  const random = seeded(7);
  return Array.from({ length: BUCKETS * PER_BUCKET }, () => Math.round(value(random)));
}

async function readReal(): Promise<number[] | undefined> {
  const text = await readFile(REAL, 'utf8').catch(() => undefined);
  return text
    ?.trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]));
}

const inputs: Record<string, { values: number[]; perBucket: number } | undefined> = {
  lognormal: {
    values: generate((random) => Math.exp(12.5 + 0.8 * normal(random))),
    perBucket: PER_BUCKET,
  },
  bimodal: {
    // Like a cache that answers two thirds of the calls a thousand times faster.
    values: generate((random) => Math.exp((random() < 0.67 ? 7 : 14) + 0.2 * normal(random))),
    perBucket: PER_BUCKET,
  },
};
const real = await readReal();
if (real) inputs['real (prompt sizes)'] = { values: real, perBucket: 50 };
else console.log(`Without real data: ${REAL.pathname} does not exist.`);

const table: Record<string, Record<string, string>> = {};
let within = true;
for (const [name, input] of Object.entries(inputs)) {
  if (!input) continue;
  const buckets = bucketsOf(input.values, input.perBucket);
  const errors = largestErrors(buckets, seeded(11));
  within &&= errors.every(({ ours }) => ours <= BOUND);
  for (const [index, { ours, averaged }] of errors.entries()) {
    table[`${name} p${(QUANTILES[index] ?? 0) * 100}`] = {
      values: input.values.length.toLocaleString('en'),
      buckets: String(buckets.length),
      'off by': `${(ours * 100).toFixed(2)} %`,
      'averaged percentiles': `${(averaged * 100).toFixed(2)} %`,
      'ours / averaged': (ours / averaged).toFixed(3),
    };
  }
}
console.table(table);
console.log(within ? 'All within 1 %.' : 'Some errors are above 1 %.');
process.exitCode = within ? 0 : 1;
