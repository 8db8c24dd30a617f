// biome-ignore-all lint/style/noExcessiveLinesPerFile: every case of the decision, in one place

import { describe, expect, test } from 'vitest';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { type AlertState, initialState } from './alert-state.ts';
import type { Baseline } from './baseline.ts';
import { decide } from './decide.ts';
import type { DecisionTime } from './notify.ts';
import { failedObservation, type Observation } from './observation.ts';
import { actOn } from './workflow.ts';

function ruleOf(changes: object = {}): Rule {
  const rule = readRule(
    { name: 'r', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5, ...changes },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  return rule;
}

function observed(value: number | null, more: Partial<Observation> = {}): Observation {
  return {
    complete: { value, samples: value === null ? 0 : 100 },
    current: [],
    previous: null,
    baseline: null,
    failure: null,
    ...more,
  };
}

const FAILED = failedObservation('the database is away');

/** Evaluates once a minute. Each line says the condition, the reason, the transition and its notice. */
function run(
  rule: Rule,
  observations: readonly Observation[],
  optionsAt: (minute: number) => Omit<DecisionTime, 'now'> = () => ({}),
): string[] {
  let state = initialState(0);
  return observations.map((observation, minute) => {
    const { reason, transition, ...decision } = decide(rule, observation, state, {
      now: minute * 60_000,
      ...optionsAt(minute),
    });
    state = decision.state;
    const happened = transition
      ? ` ${transition.name}${transition.notice ? `!${transition.notice}` : ` (${transition.suppressedBy})`}`
      : '';
    return `${state.condition} ${reason}${happened}`;
  });
}

const [WRONG, RIGHT, NONE] = [observed(0.9), observed(0.1), observed(null)];

describe('threshold_above', () => {
  test('fires when the value is above, and resolves when it is not', () => {
    expect(run(ruleOf({ cooldownSeconds: 0 }), [RIGHT, WRONG, WRONG, RIGHT])).toEqual([
      'normal within_threshold',
      'firing fired firing!firing',
      'firing still_wrong',
      'normal recovered resolved!resolved',
    ]);
  });

  test('takes a value at the threshold as right', () => {
    expect(run(ruleOf(), [observed(0.5)])).toEqual(['normal within_threshold']);
  });

  test('fires on the bucket under way, which cannot resolve the alert', () => {
    const current = (value: number) => ({ current: [{ value, samples: 10 }] });
    expect(
      run(ruleOf({ cooldownSeconds: 0 }), [
        observed(0.1, current(0.9)),
        observed(0.9, current(0.1)),
        observed(null, current(0.1)),
        observed(0.1, current(0.1)),
      ]),
    ).toEqual([
      'firing fired firing!firing',
      'firing still_wrong',
      'firing current_bucket_incomplete',
      'normal recovered resolved!resolved',
    ]);
  });
});

describe('an incomplete bucket fires no rule of type', () => {
  const baseline: Baseline = { kind: 'last_day', samples: 96, median: 1, deviation: 0.1, log: false };
  test.each([
    ['threshold_below', { type: 'threshold_below', threshold: 0.3 }, 0.5, 0],
    ['rate_of_change', { type: 'rate_of_change', threshold: 50, metric: 'usage.count' }, 100, 900],
    ['anomaly', { type: 'anomaly', threshold: 3, metric: 'usage.latency_p95', windowSeconds: 900 }, 1, 50],
  ])('%s', (_, changes, complete, current) => {
    const observation = observed(complete, {
      current: [{ value: current, samples: 100 }],
      previous: { value: 100, samples: 100 },
      baseline,
    });
    expect(run(ruleOf(changes), [observation])).toEqual(['normal within_threshold']);
  });
});

describe('forSeconds', () => {
  const rule = ruleOf({ forSeconds: 120, recoverySeconds: 0, cooldownSeconds: 0 });

  test('makes the alert fire once the value has been wrong for so long', () => {
    expect(run(rule, [WRONG, WRONG, WRONG])).toEqual([
      'pending wrong_not_for_long',
      'pending wrong_not_for_long',
      'firing fired firing!firing',
    ]);
  });

  test('begins anew after a right value', () => {
    expect(run(rule, [WRONG, WRONG, RIGHT, WRONG])).toEqual([
      'pending wrong_not_for_long',
      'pending wrong_not_for_long',
      'normal within_threshold',
      'pending wrong_not_for_long',
    ]);
  });

  test.each([
    ['no data', NONE, 'no_data'],
    ['a failed query', FAILED, 'query_failed'],
    ['too few samples', { ...WRONG, complete: { value: 0, samples: 0 } }, 'too_few_samples'],
  ])('%s neither starts the wait again nor fires', (_, nothing, reason) => {
    expect(run(rule, [WRONG, nothing, nothing, WRONG])).toEqual([
      'pending wrong_not_for_long',
      `pending ${reason}`,
      `pending ${reason}`,
      'firing fired firing!firing',
    ]);
  });
});

describe('a window without data', () => {
  test.each([
    [
      'keeps an alert firing',
      'keep',
      [WRONG, NONE, FAILED, RIGHT],
      ['firing fired', 'firing no_data', 'firing query_failed', 'normal recovered'],
    ],
    [
      'is wrong where the rule says alert',
      'alert',
      [RIGHT, NONE, FAILED, RIGHT],
      ['normal within_threshold', 'firing fired', 'firing query_failed', 'normal recovered'],
    ],
    [
      'is right where the rule says ok',
      'ok',
      [WRONG, FAILED, NONE],
      ['firing fired', 'firing query_failed', 'recovering right_not_for_long'],
    ],
  ])('%s', (_, noData, observations, expected) => {
    const lines = run(ruleOf({ noData, cooldownSeconds: 0 }), observations);
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(expected);
  });

  test('is its own health, beside the condition', () => {
    const { state } = decide(ruleOf(), FAILED, initialState(0), { now: 60_000 });
    expect(state).toMatchObject({ condition: 'normal', health: 'error', healthSince: 60_000 });
  });
});

describe('a group that has vanished', () => {
  const rule = ruleOf({ groupBy: ['modelId'], groupGoneSeconds: 180 });

  test('ends its alert once it had no data for long enough, and that is told', () => {
    expect(run(rule, [WRONG, NONE, NONE, NONE, NONE, NONE])).toEqual([
      'firing fired firing!firing',
      'firing no_data',
      'firing no_data',
      'firing no_data',
      'normal group_gone resolved!resolved',
      'normal no_data',
    ]);
  });

  test('is not gone while its value cannot be read, nor where it has data in between', () => {
    const lines = run(rule, [WRONG, NONE, NONE, FAILED, NONE, NONE, NONE, WRONG, NONE, NONE]);
    expect(lines.some((line) => line.includes('group_gone'))).toBe(false);
  });

  test.each([
    ['without groups', { groupGoneSeconds: 180 }],
    ['with groupGoneSeconds of 0', { groupBy: ['modelId'], groupGoneSeconds: 0 }],
  ])('does not exist in a rule %s', (_, changes) => {
    const lines = run(ruleOf(changes), [WRONG, ...Array.from({ length: 200 }, () => NONE)]);
    expect(lines.at(-1)).toContain('no_data');
    expect(lines.some((line) => line.includes('resolved'))).toBe(false);
  });

  test('is gone after ten windows, at least an hour, if the rule says nothing', () => {
    const silent = Array.from({ length: 62 }, () => NONE);
    const lines = run(ruleOf({ groupBy: ['modelId'], repeatSeconds: 0 }), [WRONG, ...silent]);
    expect(lines.findIndex((line) => line.includes('group_gone'))).toBe(61);
  });
});

test('one missed reading ends no alert where missing data is right', () => {
  expect(run(ruleOf({ noData: 'ok' }), [WRONG, NONE, WRONG, NONE, NONE])).toEqual([
    'firing fired firing!firing',
    'recovering right_not_for_long',
    'firing relapsed',
    'recovering right_not_for_long',
    'normal recovered resolved!resolved',
  ]);
});

describe('a clock that was ahead and is set back', () => {
  const HOUR = 3_600_000;
  const decideAt = (rule: Rule, observation: Observation, state: AlertState, now: number) =>
    decide(rule, observation, state, { now });

  test('delays neither forSeconds nor recovery nor a repeated notice', () => {
    const rule = ruleOf({ forSeconds: 60, recoverySeconds: 60, repeatSeconds: 120 });
    const pending = decideAt(rule, WRONG, initialState(0), HOUR).state;
    const back = decideAt(rule, WRONG, pending, 0);
    expect(back.state).toMatchObject({ condition: 'pending', wrongSince: 0 });
    const fired = decideAt(rule, WRONG, back.state, 60_000);
    expect(fired.transition).toMatchObject({ notice: 'firing' });
    const ahead = decideAt(rule, WRONG, { ...fired.state, toldAt: HOUR }, 70_000);
    expect(ahead.state.toldAt).toBe(70_000);
    expect(decideAt(rule, WRONG, ahead.state, 190_000).transition).toMatchObject({ notice: 'still_firing' });
    const recovering = decideAt(
      rule,
      RIGHT,
      { ...fired.state, condition: 'recovering', rightSince: HOUR },
      70_000,
    );
    expect(decideAt(rule, RIGHT, recovering.state, 130_000).transition).toMatchObject({ name: 'resolved' });
  });
});

describe('a recovery threshold', () => {
  const between = observed(0.4);
  test('keeps the condition while the value is between the thresholds', () => {
    const rule = ruleOf({ recoveryThreshold: 0.3, cooldownSeconds: 0 });
    expect(run(rule, [between, WRONG, between, observed(0.3)])).toEqual([
      'normal not_recovered',
      'firing fired firing!firing',
      'firing not_recovered',
      'normal recovered resolved!resolved',
    ]);
  });

  test('an alert resolves once the value was right for long enough, and a relapse opens no new alert', () => {
    const rule = ruleOf({ recoverySeconds: 120, cooldownSeconds: 0 });
    expect(run(rule, [WRONG, RIGHT, WRONG, RIGHT, NONE, RIGHT])).toEqual([
      'firing fired firing!firing',
      'recovering right_not_for_long',
      'firing relapsed',
      'recovering right_not_for_long',
      'recovering no_data',
      'normal recovered resolved!resolved',
    ]);
  });

  test('of a threshold_below rule lies above its threshold', () => {
    const rule = ruleOf({
      type: 'threshold_below',
      threshold: 0.5,
      recoveryThreshold: 0.6,
      cooldownSeconds: 0,
    });
    expect(run(rule, [observed(0.4), observed(0.55), observed(0.6)])).toEqual([
      'firing fired firing!firing',
      'firing not_recovered',
      'normal recovered resolved!resolved',
    ]);
  });
});

describe('an alert that still fires', () => {
  test('is told again after each repeatSeconds', () => {
    expect(run(ruleOf({ repeatSeconds: 180 }), [WRONG, WRONG, WRONG, WRONG, NONE, WRONG, FAILED])).toEqual([
      'firing fired firing!firing',
      'firing still_wrong',
      'firing still_wrong',
      'firing repeated still_firing!still_firing',
      'firing no_data',
      'firing still_wrong',
      'firing repeated still_firing!still_firing',
    ]);
  });

  test('is told once where repeatSeconds is 0', () => {
    const lines = run(
      ruleOf({ repeatSeconds: 0 }),
      Array.from({ length: 200 }, () => WRONG),
    );
    expect(lines.filter((line) => line.includes('!'))).toEqual(['firing fired firing!firing']);
  });
});

describe('the cooldown', () => {
  const rule = ruleOf({ cooldownSeconds: 180, repeatSeconds: 3_600 });
  const FLAPPING = [WRONG, RIGHT, WRONG, RIGHT, WRONG];

  test('suppresses no alert that returns after its end was told', () => {
    expect(run(rule, [WRONG, RIGHT, WRONG, RIGHT])).toEqual([
      'firing fired firing!firing',
      'normal recovered resolved!resolved',
      'firing fired firing!firing',
      'normal recovered resolved!resolved',
    ]);
  });

  test('the third firing within it is flapping: one notice, and one when the value was right for so long', () => {
    const lines = run(rule, [...FLAPPING, RIGHT, WRONG, RIGHT, WRONG, RIGHT, RIGHT, RIGHT, RIGHT, WRONG]);
    expect(lines.slice(4)).toEqual([
      'firing flapping firing!firing',
      'recovering right_not_for_long',
      'firing relapsed',
      'recovering right_not_for_long',
      'firing relapsed',
      'recovering right_not_for_long',
      'recovering right_not_for_long',
      'recovering right_not_for_long',
      'normal settled resolved!resolved',
      'firing fired firing!firing',
    ]);
  });

  test('a decision about a flapping alert gives how often it fired and since when', () => {
    let state = initialState(0);
    const flappings = [...FLAPPING, RIGHT, WRONG, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT].map(
      (observation, minute) => {
        const decision = decide(rule, observation, state, { now: minute * 60_000 });
        state = decision.state;
        return decision.flapping;
      },
    );
    expect(flappings[3]).toBeNull();
    expect(flappings[4]).toEqual({ since: 0, times: 3 });
    expect(flappings.at(-2)).toEqual({ since: 0, times: 4 });
    expect([state.condition, flappings.at(-1)]).toEqual(['normal', null]);
  });

  test('an alert that returns later is no series', () => {
    const slow = [WRONG, RIGHT, RIGHT, RIGHT, RIGHT];
    const lines = run(rule, [...slow, ...slow, ...slow, ...slow]);
    expect(lines.filter((line) => line.includes('!firing'))).toHaveLength(4);
    expect(lines.filter((line) => line.includes('!resolved'))).toHaveLength(4);
  });

  test('of 0 makes no alert flap', () => {
    const lines = run(ruleOf({ cooldownSeconds: 0 }), [...FLAPPING, RIGHT]);
    expect(lines.filter((line) => line.includes('!firing'))).toHaveLength(3);
    expect(lines.at(-1)).toBe('normal recovered resolved!resolved');
  });
});

test('a silence delays the notice of an alert, and suppresses the notice of its end', () => {
  const silent = (from: number, to: number) => (minute: number) => ({
    silencedUntil: minute >= from && minute < to ? to * 60_000 : null,
  });
  const rule = ruleOf({ cooldownSeconds: 0 });
  expect(run(rule, [WRONG, WRONG, RIGHT], silent(0, 1))).toEqual([
    'firing fired firing (silence)',
    'firing told_late told!firing',
    'normal recovered resolved!resolved',
  ]);
  expect(run(rule, [WRONG, RIGHT], silent(1, 2)).at(-1)).toBe('normal recovered resolved (silence)');
});

test('notices of evaluations caught up after a standstill are sent once, as things are at its end', () => {
  const missed = (until: number) => (minute: number) => ({ catchingUp: minute < until });
  const rule = ruleOf({ cooldownSeconds: 0 });
  expect(run(rule, [WRONG, WRONG, WRONG], missed(2))).toEqual([
    'firing fired firing (catch_up)',
    'firing still_wrong',
    'firing told_late told!firing',
  ]);
  expect(run(rule, [WRONG, RIGHT, RIGHT], missed(2))).toEqual([
    'firing fired firing (catch_up)',
    'normal recovered resolved (untold)',
    'normal within_threshold',
  ]);
});

describe('a notice that is owed or repeated', () => {
  const recovering = { recoverySeconds: 600 };
  test('waits while the value is right, and is sent when it is wrong again', () => {
    const rule = ruleOf({ ...recovering, repeatSeconds: 120 });
    expect(run(rule, [WRONG, RIGHT, RIGHT, RIGHT, NONE, WRONG])).toEqual([
      'firing fired firing!firing',
      'recovering right_not_for_long',
      'recovering right_not_for_long',
      'recovering right_not_for_long',
      'recovering no_data',
      'firing repeated still_firing!still_firing',
    ]);
  });

  test('is not sent if the alert ends meanwhile', () => {
    const silent = (minute: number) => ({ silencedUntil: minute < 2 ? 120_000 : null });
    const rule = ruleOf({ recoverySeconds: 120, cooldownSeconds: 120 });
    expect(run(rule, [WRONG, RIGHT, RIGHT, RIGHT], silent)).toEqual([
      'firing fired firing (silence)',
      'recovering right_not_for_long',
      'recovering right_not_for_long',
      'normal recovered resolved (untold)',
    ]);
  });

  test('names the last wrong value where there is none now', () => {
    const rule = ruleOf({ repeatSeconds: 60 });
    let state = decide(rule, WRONG, initialState(0), { now: 0 }).state;
    const late = decide(rule, FAILED, state, { now: 60_000 });
    expect(late).toMatchObject({
      transition: { notice: 'still_firing' },
      verdict: { reason: 'query_failed' },
      reported: { value: 0.9, samples: 100, at: 0 },
    });
    state = late.state;
    const next = decide(rule, observed(0.8), state, { now: 120_000 });
    expect(next.reported).toMatchObject({ value: 0.8, at: 120_000 });
  });

  test('of a higher severity waits while the alert recovers too', () => {
    const rule = ruleOf(recovering);
    const worse: Rule = { ...rule, severity: 'critical' };
    const fired = decide(rule, WRONG, initialState(0), { now: 0 }).state;
    const right = decide(worse, RIGHT, fired, { now: 60_000 });
    expect(right).toMatchObject({ transition: null, state: { severity: 'warning' } });
    expect(decide(worse, WRONG, right.state, { now: 120_000 })).toMatchObject({
      reason: 'severity_rose',
      transition: { notice: 'escalated' },
    });
  });
});

test('a silence suppresses the notice of the end while evaluations are caught up too', () => {
  const rule = ruleOf({ cooldownSeconds: 0 });
  const silenced = (minute: number) => ({
    silencedUntil: minute > 0 ? 600_000 : null,
    catchingUp: minute === 1,
  });
  expect(run(rule, [WRONG, RIGHT], silenced)).toEqual([
    'firing fired firing!firing',
    'normal recovered resolved (silence)',
  ]);
});

describe('rate_of_change', () => {
  const change = (before: number | null, now: number) =>
    observed(now, { previous: { value: before, samples: before === null ? 0 : 100 } });
  test.each([
    ['a rise', { threshold: 50 }, change(100, 151), 'firing fired'],
    ['a rise to exactly the threshold', { threshold: 50 }, change(100, 150), 'normal within_threshold'],
    ['a fall where the rule watches rises', { threshold: 50 }, change(100, 1), 'normal within_threshold'],
    ['a fall', { threshold: -50 }, change(100, 49), 'firing fired'],
    ['a rise from 0', { threshold: 50 }, change(0, 100), 'normal no_previous_value'],
    ['a rise from 0 to above the floor', { threshold: 50, floor: 10 }, change(0, 100), 'firing fired'],
    [
      'a rise that stays below the floor',
      { threshold: 50, floor: 10 },
      change(1, 5),
      'normal within_threshold',
    ],
    [
      'a change below the minimum',
      { threshold: 50, minimumChange: 10 },
      change(2, 8),
      'normal change_too_small',
    ],
    ['no value before', { threshold: 50 }, change(null, 8), 'normal no_previous_value'],
  ])('%s', (_, changes, observation, expected) => {
    const rule = ruleOf({ metric: 'usage.count', type: 'rate_of_change', minimumSamples: 1, ...changes });
    expect(run(rule, [observation])[0]).toContain(expected);
  });
});

describe('anomaly', () => {
  const usual: Baseline = { kind: 'hour_of_week', samples: 60, median: 100, deviation: 10, log: false };
  const rule = (changes: object = {}) =>
    ruleOf({ metric: 'usage.count', type: 'anomaly', threshold: 3, ...changes });
  test.each([
    ['a value far above', rule(), 131, 'firing fired'],
    ['a value far below', rule(), 69, 'firing fired'],
    ['a value within the threshold', rule(), 130, 'normal within_threshold'],
    ['a value far below where only above is wrong', rule({ direction: 'up' }), 69, 'normal within_threshold'],
    [
      'a value far above where only below is wrong',
      rule({ direction: 'down' }),
      131,
      'normal within_threshold',
    ],
    ['a change below the minimum', rule({ minimumChange: 50 }), 140, 'normal change_too_small'],
  ])('%s', (_, watched, value, expected) => {
    expect(run(watched, [observed(value, { baseline: usual })])[0]).toContain(expected);
  });

  test('compares logarithms where values spread over powers of ten', () => {
    const log: Baseline = { ...usual, deviation: Math.log(2), log: true };
    expect(run(rule(), [observed(790, { baseline: log })])[0]).toContain('normal');
    expect(run(rule(), [observed(810, { baseline: log })])[0]).toContain('firing');
    expect(run(rule(), [observed(12, { baseline: log })])[0]).toContain('firing');
  });

  test('says that it is warming up while the baseline has too few samples', () => {
    const young: Baseline = { kind: 'warming_up', samples: 27, median: null, deviation: null, log: false };
    expect(run(rule(), [observed(1e9, { baseline: young })])).toEqual(['normal warming_up']);
  });
});

describe('an act of a person', () => {
  const rule = ruleOf({ cooldownSeconds: 60, repeatSeconds: 60 });
  const firing = (): AlertState => decide(rule, WRONG, initialState(0), { now: 0 }).state;
  const act = (state: AlertState, what: 'acknowledge' | 'unacknowledge' | 'resolve', now = 0) => {
    const outcome = actOn(state, what, now, null);
    if (!outcome) throw new Error('nothing to do');
    return outcome;
  };

  test('an acknowledged alert is not repeated, and a notice says when it ends', () => {
    const { state } = act(firing(), 'acknowledge');
    expect(decide(rule, WRONG, state, { now: 600_000 }).transition).toBeNull();
    expect(decide(rule, RIGHT, state, { now: 600_000 }).transition).toMatchObject({ notice: 'resolved' });
  });

  test('an alert is repeated again once its acknowledgement is taken back', () => {
    const { state } = act(act(firing(), 'acknowledge').state, 'unacknowledge');
    expect(decide(rule, WRONG, state, { now: 600_000 }).transition).toMatchObject({ notice: 'still_firing' });
  });

  test('an acknowledged alert is opened and told again when its severity rises', () => {
    const { state } = act(firing(), 'acknowledge');
    const worse = decide({ ...rule, severity: 'critical' }, WRONG, state, { now: 1_000 });
    expect(worse).toMatchObject({
      reason: 'severity_rose',
      transition: { notice: 'escalated' },
      state: { workflow: 'open' },
    });
    expect(decide({ ...rule, severity: 'info' }, WRONG, firing(), { now: 1_000 }).transition).toBeNull();
  });

  test('an alert that a person resolved is closed, and reopens if the value is still wrong after the cooldown', () => {
    const { state, transition } = act(firing(), 'resolve', 1_000);
    expect(transition).toMatchObject({ name: 'resolved', notice: 'resolved' });
    expect(decide(rule, WRONG, state, { now: 60_000 })).toMatchObject({ transition: null });
    expect(decide(rule, WRONG, state, { now: 61_000 })).toMatchObject({
      reason: 'reopened',
      transition: { notice: 'firing' },
    });
    expect(decide(rule, RIGHT, state, { now: 2_000 })).toMatchObject({
      transition: null,
      state: { condition: 'normal', workflow: 'none' },
    });
  });

  test('an act that changes nothing has no outcome', () => {
    expect(actOn(initialState(0), 'acknowledge', 0, null)).toBeUndefined();
    const { state } = act(firing(), 'resolve');
    expect(actOn(state, 'resolve', 0, null)).toBeUndefined();
    expect(actOn(firing(), 'unacknowledge', 0, null)).toBeUndefined();
  });
});
