import { initialState } from '../../../src/alerts/decision/alert-state.ts';
import { baselineOf, type PastValue, SETTLING, STEP } from '../../../src/alerts/decision/baseline.ts';
import { decide } from '../../../src/alerts/decision/decide.ts';
import { countedValue } from '../../../src/alerts/decision/new-normal.ts';
import { spreadOf, watchableMetrics } from '../../../src/alerts/rules/metrics.ts';
import { readRule } from '../../../src/alerts/rules/read-rule.ts';
import type { Rule } from '../../../src/alerts/rules/rule.ts';
import type { TimeRange } from '../../../src/queries/reading/time-buckets.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { seeded } from '../random.ts';
import { type Maker, makers } from './makers.ts';

const START = Date.UTC(2026, 0, 4);
/** The past that is known when the series changes, and the days that are watched after it. */
const KNOWN = 85 * DAY;
const WATCHED = 130 * DAY;
const SEED = 2_000;

/** A lasting change: what becomes of a value. `factor` is by how much more it is. */
interface Change {
  name: string;
  apply(value: PastValue, at: number): PastValue;
}

function scaled(factor: number): Change {
  return {
    name: `× ${factor}`,
    apply: ({ value, samples }) => ({ value: value * factor, samples }),
  };
}

const changes: Change[] = [scaled(3), scaled(0.3), { name: 'as much at night', apply: atNight }];

/** The nights, which were quiet, become as busy as the days. */
function atNight(value: PastValue, at: number): PastValue {
  const hour = (at % DAY) / HOUR;
  return hour >= 5 && hour < 22 ? value : { value: value.value * 5, samples: value.samples * 5 };
}

function ruleOf(metric: string): Rule {
  const rule = readRule(
    { name: 'r', metric, type: 'anomaly', forSeconds: 1_800, intervalSeconds: 900 },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  return rule;
}

interface Watched {
  notices: number;
  fired: boolean;
  closedOn: number | null;
  falseAlerts: number;
  daysAfter: number;
  seen: number;
  tried: number;
}

function watch(maker: Maker, change: Change, learns: boolean): Watched {
  const rule = ruleOf(maker.metric);
  const metric = watchableMetrics.get(maker.metric);
  if (!metric) throw new Error(maker.metric);
  const random = seeded(SEED);
  const values = new Map<number, PastValue>();
  const changed = START + KNOWN;
  for (let at = START; at <= changed + WATCHED; at += STEP) {
    const value = maker.make(at, random);
    const later = at > changed ? change.apply(value, at) : value;
    const isShare = metric.unit === 'ratio';
    values.set(at, isShare ? { ...later, value: Math.min(1, later.value) } : later);
  }
  const wrong = new Set<number>();
  let state = initialState(changed);
  const found: Watched = {
    notices: 0,
    fired: false,
    closedOn: null,
    falseAlerts: 0,
    daysAfter: 0,
    seen: 0,
    tried: 0,
  };
  for (let at = changed + STEP; at <= changed + WATCHED; at += STEP) {
    const { normal } = state;
    const past = (end: number): PastValue | undefined => {
      const value = values.get(end);
      const window: TimeRange = { start: end - STEP, end };
      const counts = { wrong: wrong.has(end) ? [window] : [], normal, isShare: metric.unit === 'ratio' };
      return value && countedValue(window, value, counts);
    };
    const baseline = baselineOf(at, { length: STEP }, spreadOf(metric), past);
    const complete = values.get(at) ?? { value: 0, samples: 0 };
    const observed = { complete, current: [], previous: null, baseline, failure: null };
    const decision = decide(rule, observed, state, { now: at + SETTLING });
    state = learns ? decision.state : { ...decision.state, unusual: null };
    if (state.condition !== 'normal') wrong.add(at);
    const { transition } = decision;
    if (transition?.notice && at <= changed + 30 * DAY) found.notices++;
    if (transition?.name === 'firing') found.fired = true;
    if (transition?.name === 'resolved') found.closedOn = (at - changed) / DAY;
    // A week after the new normal was learned, what it finds is false again.
    if (normal === null || at < normal.at + 7 * DAY) continue;
    found.daysAfter += STEP / DAY;
    if (transition?.name === 'firing') found.falseAlerts++;
    const larger = { ...complete, value: complete.value * maker.factor };
    const twice = decide(rule, { ...observed, complete: larger }, initialState(at), { now: at });
    found.tried++;
    if (twice.verdict.says === 'wrong') found.seen++;
  }
  if (state.workflow !== 'none') found.closedOn = null;
  found.fired = found.fired || state.workflow !== 'none';
  return found;
}

/** Prints what becomes of a series that changes for good, with and without a new normal. */
export function printChanges(): void {
  console.log('\nA change for good, watched for 130 days, with `for` of 30 minutes\n');
  console.log(
    '| series | change | new normal | notices in 30 days | last alert closed on day | false alerts a week after | a change of | is seen |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const maker of makers) {
    for (const change of changes) {
      for (const learns of [false, true]) {
        const { notices, fired, closedOn, falseAlerts, daysAfter, seen, tried } = watch(
          maker,
          change,
          learns,
        );
        const week = daysAfter === 0 ? '–' : ((7 * falseAlerts) / daysAfter).toFixed(2);
        console.log(
          `| ${maker.name} | ${change.name} | ${learns ? 'learned' : 'never'} | ${notices} | ${fired ? (closedOn?.toFixed(1) ?? 'open') : '–'} | ${week} | ×${maker.factor} | ${tried === 0 ? '–' : `${((100 * seen) / tried).toFixed(0)} %`} |`,
        );
      }
    }
  }
}
