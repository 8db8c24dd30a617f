import type { PastValue } from '../../../src/alerts/decision/baseline.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { normal } from '../random.ts';

/** The load: at night a sixth of that by day, on weekends half. */
function rhythm(at: number): number {
  const hour = (((at % DAY) + DAY) % DAY) / HOUR;
  const day = new Date(at).getUTCDay();
  return (
    (0.16 + 0.84 * Math.max(0, Math.sin((Math.PI * (hour - 5)) / 17))) * (day === 0 || day === 6 ? 0.5 : 1)
  );
}

function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  for (let left = Math.exp(-mean), product = random(); product > left; product *= random()) count++;
  return count;
}

type Make = (at: number, random: () => number) => PastValue;

/** A kind of made-up series. `factor` is that of a real change, which should be seen. */
export interface Maker {
  name: string;
  metric: string;
  make: Make;
  factor: number;
}

const all: Maker[] = [
  {
    name: 'count, 300 at noon',
    metric: 'usage.count',
    factor: 2,
    make: (at, random) => {
      const value = poisson(300 * rhythm(at), random);
      return { value, samples: value };
    },
  },
  {
    name: 'count, 12 at noon',
    metric: 'usage.count',
    factor: 2,
    make: (at, random) => {
      const value = poisson(12 * rhythm(at), random);
      return { value, samples: value };
    },
  },
  {
    name: 'error rate of 2 %',
    metric: 'usage.error_rate',
    factor: 3,
    make: (at, random) => {
      const samples = Math.max(1, poisson(300 * rhythm(at), random));
      return { value: Math.min(1, poisson(samples * 0.02, random) / samples), samples };
    },
  },
  {
    name: 'latency p95, slower when busy',
    metric: 'usage.latency_p95',
    factor: 2,
    make: (at, random) => ({
      value: 800 * Math.exp(0.5 * rhythm(at) + 0.12 * normal(random)),
      samples: 100,
    }),
  },
  {
    name: 'cost',
    metric: 'usage.cost',
    factor: 3,
    make: (at, random) => ({ value: 40 * rhythm(at) * Math.exp(0.25 * normal(random)), samples: 100 }),
  },
];

const only = process.env.BENCH_ONLY ?? '';

/** Those whose name has the text of `BENCH_ONLY`. */
export const makers = all.filter(({ name }) => name.includes(only));
