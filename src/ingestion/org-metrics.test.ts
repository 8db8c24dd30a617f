import { describe, expect, test } from 'vitest';
import { binOf } from '../events/sketch-bin.ts';
import { MINUTE } from '../time.ts';
import type { DedupResult } from './encoded-events.ts';
import { OrgMetrics } from './org-metrics.ts';
import type { EncodedSubmission } from './store-batch.ts';

interface Call {
  org: string;
  model?: string;
  status?: string;
  latencyMs?: number;
  outcome?: DedupResult;
  type?: string;
  times?: number;
}

function batchOf(calls: readonly Call[]): EncodedSubmission[] {
  const series = new Map<string, Record<string, string>>();
  const events: object[] = [];
  for (const { org, model = 'gpt', status = 'success', type = 'usage', times = 1, ...call } of calls) {
    const name = [org, model, status].join();
    series.set(name, { model_id: model, status });
    for (let n = 0; n < times; n++) {
      events.push({
        orgId: org,
        type,
        rows: [{ series: name }],
        cost: 25_000_000,
        valueBin: binOf((call.latencyMs ?? 100) * 1_000),
        result: call.outcome ?? 'stored',
      });
    }
  }
  return [{ encoded: { events, series } } as unknown as EncodedSubmission];
}

/** Metrics over two places, at a time of the test's own. */
function counting(places = 2) {
  const clock = { now: () => clock.time, time: 1_000 * MINUTE };
  const metrics = new OrgMetrics({ clock, places });
  return {
    note: (...calls: Call[]) => metrics.note(batchOf(calls)),
    pass: (time: number) => {
      clock.time += time;
    },
    lines: async (name: string, lags?: ReadonlyMap<string, number>) =>
      (await metrics.page(lags)).text
        .split('\n')
        .filter((line) => line.startsWith(`tidemark_org_${name}{`))
        .map((line) => line.slice(`tidemark_org_${name}`.length)),
  };
}

test('counts what was stored, and nothing else', async () => {
  const { note, lines } = counting();
  note(
    { org: 'acme', times: 3 },
    { org: 'acme', status: 'timeout' },
    { org: 'acme', outcome: 'duplicate' },
    { org: 'acme', outcome: 'conflict' },
    { org: 'acme', type: 'order' },
  );
  expect(await lines('requests_total')).toEqual([
    '{org="acme",model="gpt"} 4',
    '{org="other",model="other"} 0',
  ]);
  expect(await lines('failures_total')).toContain('{org="acme",model="gpt",status="timeout"} 1');
  expect(await lines('failures_total')).toContain('{org="acme",model="gpt",status="error"} 0');
  // 25,000 units are two and a half cents.
  expect(await lines('cost_dollars_total')).toContain('{org="acme",model="gpt"} 0.1');
});

test('names of callers are escaped', async () => {
  const { note, lines } = counting();
  note({ org: 'a"b\\c\nd' });
  expect((await lines('requests_total'))[0]).toBe('{org="a\\"b\\\\c\\nd",model="gpt"} 1');
});

describe('latency', () => {
  test('has the value of each rank, within 1 %', async () => {
    const { note, lines } = counting();
    note(...Array.from({ length: 100 }, (_, n) => ({ org: 'acme', latencyMs: 10 * (n + 1) })));
    const values = (await lines('latency_seconds')).map((line) => Number(line.split(' ')[1]));
    for (const [index, exact] of [0.5, 0.95, 0.99].entries()) {
      expect(Math.abs((values[index] ?? 0) / exact - 1)).toBeLessThan(0.01);
    }
  });

  test('is of the last five minutes, and absent where nothing happened in them', async () => {
    const { note, pass, lines } = counting();
    note({ org: 'acme', latencyMs: 9_000 });
    pass(4 * MINUTE);
    note({ org: 'acme', latencyMs: 100, times: 5 });
    expect((await lines('latency_seconds')).at(2)).toMatch(/quantile="0.99"} (8\.9|9)/);
    pass(MINUTE);
    expect((await lines('latency_seconds')).at(2)).toMatch(/quantile="0.99"} 0\.(09|1)/);
    pass(4 * MINUTE);
    expect(await lines('latency_seconds')).toEqual([]);
  });
});

describe('places', () => {
  test('are bounded: the rest is counted together', async () => {
    const { note, lines } = counting();
    note({ org: 'a' }, { org: 'b' }, { org: 'c', times: 3 }, { org: 'd' });
    expect(await lines('requests_total')).toEqual([
      '{org="a",model="gpt"} 1',
      '{org="b",model="gpt"} 1',
      '{org="other",model="other"} 4',
    ]);
  });

  test('go to the busiest pairs, which begin at zero; the rest never falls', async () => {
    const { note, pass, lines } = counting();
    note({ org: 'a', times: 10 }, { org: 'b' }, { org: 'c', times: 30 });
    pass(5 * MINUTE);
    note({ org: 'c' });
    expect(await lines('requests_total')).toEqual([
      '{org="a",model="gpt"} 10',
      '{org="c",model="gpt"} 1',
      '{org="other",model="other"} 30',
    ]);
  });

  test('do not change hands for a little more', async () => {
    const { note, pass, lines } = counting();
    note({ org: 'a', times: 10 }, { org: 'b', times: 10 }, { org: 'c', times: 15 });
    pass(5 * MINUTE);
    note({ org: 'c' });
    expect((await lines('requests_total'))[1]).toBe('{org="b",model="gpt"} 10');
  });

  test('are given up by pairs that fall silent', async () => {
    const { note, pass, lines } = counting();
    note({ org: 'a' }, { org: 'b' });
    for (let review = 0; review < 2; review++) {
      pass(5 * MINUTE);
      note({ org: 'c', times: 9 });
    }
    expect(await lines('requests_total')).toContain('{org="c",model="gpt"} 9');
  });

  test('names that are made up by the thousand fill no memory, and drive out nobody', async () => {
    const { note, pass, lines } = counting();
    note({ org: 'a', times: 100 }, { org: 'b', times: 100 });
    for (let round = 0; round < 20; round++) {
      note(...Array.from({ length: 1_000 }, (_, n) => ({ org: `made up ${round} ${n}` })));
      pass(MINUTE);
      note({ org: 'a', times: 100 }, { org: 'b', times: 100 });
    }
    expect((await lines('requests_total')).map((line) => line.slice(0, 8))).toEqual([
      '{org="a"',
      '{org="b"',
      '{org="ot',
    ]);
  });
});

test('freshness is that of the orgs shown, and the worst of the rest', async () => {
  const { note, lines } = counting();
  note({ org: 'a' }, { org: 'b' });
  const lags = new Map([
    ['b', 12],
    ['c', 30],
    ['d', 700],
  ]);
  expect(await lines('freshness_seconds', lags)).toEqual([
    '{org="a"} 0',
    '{org="b"} 12',
    '{org="other"} 700',
  ]);
  expect(await lines('freshness_seconds')).toEqual([]);
});
