import { baselineOf, deviationsFrom, type PastValue, STEP } from '../../../src/alerts/decision/baseline.ts';
import { zoneOffset } from '../../../src/alerts/decision/zone-offset.ts';
import { spreadOf, watchableMetrics } from '../../../src/alerts/rules/metrics.ts';
import { DAY } from '../../../src/time.ts';
import { seeded } from '../random.ts';
import { type Maker, makers } from './makers.ts';

const ZONE = 'Europe/Berlin';
/** The Sunday on which the clocks of Berlin were put forward, and the weeks watched from then on. */
const MOVED = Date.UTC(2026, 2, 29);
const KNOWN = 85 * DAY;
const WATCHED = 28 * DAY;
const THRESHOLD = 3.5;
const SERIES = 5;

/** People keep the time of their clocks, so the series does too. */
function watch({ metric, make, factor }: Maker, timezone: string | null) {
  const watchable = watchableMetrics.get(metric);
  if (!watchable) throw new Error(metric);
  const spread = spreadOf(watchable);
  const found = { windows: 0, wrong: 0, lasting: 0, seen: 0 };
  for (let series = 0; series < SERIES; series++) {
    const random = seeded(3_000 + series);
    const values = new Map<number, PastValue>();
    for (let end = MOVED - KNOWN; end <= MOVED + WATCHED; end += STEP)
      values.set(end, make(end + zoneOffset(ZONE, end), random));
    let inARow = 0;
    for (let end = MOVED + STEP; end <= MOVED + WATCHED; end += STEP) {
      const baseline = baselineOf(end, { length: STEP, timezone }, spread, (at) => values.get(at));
      const value = values.get(end)?.value ?? 0;
      const isWrong = Math.abs(deviationsFrom(baseline, value) ?? 0) > THRESHOLD;
      inARow = isWrong ? inARow + 1 : 0;
      found.windows++;
      if (isWrong) found.wrong++;
      if (inARow === 3) found.lasting++;
      if (Math.abs(deviationsFrom(baseline, value * factor) ?? 0) > THRESHOLD) found.seen++;
    }
  }
  return found;
}

/** Prints the false alarms in the four weeks after the clocks moved, by UTC and by the clocks of the people. */
export function printClockChange(): void {
  console.log(`\nFour weeks after the clocks of ${ZONE} moved; alerts with \`for\` of 30 minutes\n`);
  console.log('| series | time zone of the rule | false | alerts a week | a change of | is seen |');
  console.log('|---|---|---|---|---|---|');
  for (const maker of makers) {
    for (const timezone of [null, ZONE]) {
      const { windows, wrong, lasting, seen } = watch(maker, timezone);
      const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
      const week = (lasting / SERIES / (WATCHED / DAY / 7)).toFixed(2);
      console.log(
        `| ${maker.name} | ${timezone ?? 'UTC'} | ${percent(wrong / windows)} | ${week} | ×${maker.factor} | ${percent(seen / windows)} |`,
      );
    }
  }
}
