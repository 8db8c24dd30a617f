/**
 * Measures the false and the true alarms of `anomaly` rules. Series of quarter-hours are generated with a daily and a
 * weekly rhythm: counts (Poisson), shares (binomial), latencies and costs (lognormal). They contain nothing unusual, so
 * every alarm at the default threshold is false. Then each window is enlarged by the factor of the last columns, and the
 * detected ones are counted.
 *
 * Results: `false` is the share of windows with a false alarm. `alerts a week` is the number of alerts of a series in a
 * week, when it fires at once and after three windows (`for` of 30 minutes). By chance alone, 0.05 % of the windows of a
 * normal distribution exceed 3.5 deviations. The rest has two causes: the median and the deviation are themselves
 * estimates, and the hours of a day differ by weekday. The same seed gives the same figures.
 *
 * Two more tables are of series that change for good, and of series whose people move their clocks by an hour.
 */
import {
  type Baseline,
  baselineOf,
  deviationsFrom,
  type PastValue,
  STEP,
} from '../../src/alerts/decision/baseline.ts';
import { spreadOf, watchableMetrics } from '../../src/alerts/rules/metrics.ts';
import { DAY } from '../../src/time.ts';
import { printChanges } from '../support/anomaly/changes.ts';
import { printClockChange } from '../support/anomaly/clock-change.ts';
import { type Maker, makers } from '../support/anomaly/makers.ts';
import { seeded } from '../support/random.ts';

const SERIES = Number(process.env.BENCH_SERIES ?? 10);
const WATCHED_DAYS = 14;
const THRESHOLD = 3.5;
const START = Date.UTC(2026, 0, 4);

const histories = [
  { name: 'last day', days: 2 },
  { name: 'hour of the day', days: 30 },
  { name: 'hour of the week', days: 85 },
];

interface AlarmCounts {
  windows: number;
  wrong: number;
  alerts: number;
  lastingAlerts: number;
  seen: number;
  kinds: Set<Baseline['kind']>;
}

function watch({ metric, make, factor }: Maker, days: number): AlarmCounts {
  const watchable = watchableMetrics.get(metric);
  if (!watchable) throw new Error(metric);
  const spread = spreadOf(watchable);
  const found: AlarmCounts = { windows: 0, wrong: 0, alerts: 0, lastingAlerts: 0, seen: 0, kinds: new Set() };
  for (let series = 0; series < SERIES; series++) {
    const random = seeded(1_000 + series);
    const values = new Map<number, PastValue>();
    const from = START + days * DAY;
    const to = from + WATCHED_DAYS * DAY;
    for (let end = START; end <= to; end += STEP) values.set(end, make(end, random));
    let inARow = 0;
    for (let end = from; end <= to; end += STEP) {
      const baseline = baselineOf(end, { length: STEP }, spread, (at) =>
        at < end - days * DAY ? undefined : values.get(at),
      );
      const value = values.get(end)?.value ?? 0;
      found.kinds.add(baseline.kind);
      found.windows++;
      const isWrong = Math.abs(deviationsFrom(baseline, value) ?? 0) > THRESHOLD;
      if (Math.abs(deviationsFrom(baseline, value * factor) ?? 0) > THRESHOLD) found.seen++;
      inARow = isWrong ? inARow + 1 : 0;
      if (isWrong) found.wrong++;
      if (inARow === 1) found.alerts++;
      if (inARow === 3) found.lastingAlerts++;
    }
  }
  return found;
}

const weeks = (SERIES * WATCHED_DAYS) / 7;
console.log(`${SERIES} series of each, ${WATCHED_DAYS} days, threshold ${THRESHOLD}\n`);
console.log('| series | told from | false | alerts a week | with 3 windows | a change of | is seen |');
console.log('|---|---|---|---|---|---|---|');
for (const maker of makers) {
  for (const { name, days } of histories) {
    const { windows, wrong, alerts, lastingAlerts, seen, kinds } = watch(maker, days);
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
    console.log(
      `| ${maker.name} | ${name} (${[...kinds].join(', ')}) | ${percent(wrong / windows)} | ${(alerts / weeks).toFixed(2)} | ${(lastingAlerts / weeks).toFixed(2)} | ×${maker.factor} | ${percent(seen / windows)} |`,
    );
  }
}

printChanges();
printClockChange();
