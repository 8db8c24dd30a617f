// biome-ignore-all lint/style/noExcessiveLinesPerFile: every property of the decision, in one place

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { severities } from '../../notifications/notice/notice.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { type AlertState, initialState, isOpen } from './alert-state.ts';
import { type Decision, decide } from './decide.ts';
import { failedObservation, type Observation } from './observation.ts';
import type { Transition } from './transition.ts';
import { type Act, actOn } from './workflow.ts';

/** A value between 0 and 1 in steps of 0.1, or the reason why there is none. */
type Seen = number | 'nothing' | 'failed' | 'few';

interface Step {
  /** Seconds since the step before. */
  after: number;
  seen: Seen;
  /** The value of the bucket under way. */
  current: number | null;
  silenced: boolean;
  severity: (typeof severities)[number];
  act: Act | null;
}

interface Logged extends Step {
  now: number;
  before: AlertState;
  decision: Decision;
  acted: Transition | null;
}

const value = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
const step: fc.Arbitrary<Step> = fc.record({
  after: fc.constantFrom(1, 5, 60, 60, 60, 300, 4_000),
  seen: fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 2, arbitrary: fc.constantFrom('nothing', 'failed', 'few') },
  ) as fc.Arbitrary<Seen>,
  current: fc.option(value, { freq: 3 }),
  silenced: fc.boolean().chain((odd) => (odd ? fc.boolean() : fc.constant(false))),
  severity: fc.constantFrom('warning', 'warning', 'warning', 'critical', 'info'),
  act: fc.option(fc.constantFrom<Act>('acknowledge', 'unacknowledge', 'resolve'), { freq: 9 }),
});

const rule = fc
  .record({
    type: fc.constantFrom('threshold_above', 'threshold_below'),
    // A share above 1 or below 0 never is, so such a threshold is refused.
    threshold: fc.integer({ min: 1, max: 9 }).map((tenths) => tenths / 10),
    band: fc.constantFrom(0, 0.2),
    forSeconds: fc.constantFrom(0, 60, 300),
    recoverySeconds: fc.constantFrom(0, 60, 300),
    cooldownSeconds: fc.constantFrom(0, 120, 3_600),
    repeatSeconds: fc.constantFrom(0, 120, 3_600),
  })
  .map(({ band, ...given }): Rule => {
    const towards = given.type === 'threshold_above' ? -band : band;
    const read = readRule(
      {
        name: 'r',
        metric: 'usage.error_rate',
        recoveryThreshold: Math.min(1, Math.max(0, given.threshold + towards)),
        minimumSamples: 10,
        ...given,
      },
      { allOrgs: false },
    );
    if (Array.isArray(read)) throw new Error(JSON.stringify(read));
    return read;
  });

function observationOf({ seen, current }: Step): Observation {
  if (seen === 'failed') return failedObservation('away');
  const samples = seen === 'nothing' ? 0 : seen === 'few' ? 3 : 50;
  return {
    complete: { value: seen === 'nothing' ? null : seen === 'few' ? 1 : Number(seen), samples },
    current: current === null ? [] : [{ value: current, samples: 20 }],
    previous: null,
    baseline: null,
    failure: null,
  };
}

function play(watched: Rule, steps: readonly Step[]): Logged[] {
  let state = initialState(0);
  let now = 0;
  return steps.map((one) => {
    now += one.after * 1_000;
    const silencedUntil = one.silenced ? now + 1 : null;
    const before = state;
    const decision = decide({ ...watched, severity: one.severity }, observationOf(one), state, {
      now,
      silencedUntil,
    });
    const outcome = one.act ? actOn(decision.state, one.act, now, silencedUntil) : undefined;
    state = outcome?.state ?? decision.state;
    return { ...one, now, before, decision, acted: outcome?.transition ?? null };
  });
}

/** Every transition in order: first that of the decision, then that of a person. */
function transitionsOf(log: readonly Logged[]) {
  return log.flatMap(({ decision: { transition }, acted, now }) => [
    ...(transition ? [{ now, ...transition }] : []),
    ...(acted ? [{ now, ...acted }] : []),
  ]);
}

function always(says: (watched: Rule, log: Logged[]) => void) {
  return fc.assert(
    fc.property(rule, fc.array(step, { maxLength: 120 }), (watched, steps) =>
      says(watched, play(watched, steps)),
    ),
    { numRuns: 400 },
  );
}

test('an alert that fires sends its notice at once, or as soon as no silence suppresses it', () => {
  always((_, log) => {
    for (const { decision, silenced } of log) {
      const { state } = decision;
      if (state.workflow !== 'open' || state.told) continue;
      expect(state.owed && (silenced || state.condition === 'recovering')).toBe(true);
    }
  });
});

test('an alert is told once that it fires, and that notice comes first', () => {
  always((_, log) => {
    let notices: (string | null)[] = [];
    for (const { name, notice } of transitionsOf(log)) {
      if (name === 'firing') notices = [];
      if (notice === null) continue;
      expect(notice === 'firing').toBe(notices.length === 0);
      notices.push(notice);
    }
  });
});

test('an alert that keeps returning fires three times at most before it stays open, unless a person resolves it', () => {
  always((watched, log) => {
    let inARow = 0;
    let endedAt = Number.NEGATIVE_INFINITY;
    for (const { decision, acted, now } of log) {
      if (decision.transition?.name === 'firing') {
        inARow = now < endedAt + watched.cooldownSeconds * 1_000 ? inARow + 1 : 1;
        expect(inARow).toBeLessThanOrEqual(3);
        expect(decision.reason === 'flapping').toBe(decision.flapping !== null);
        if (inARow === 3) expect(decision.reason).toBe('flapping');
      }
      if (decision.transition?.name === 'resolved') endedAt = decision.reason === 'settled' ? 0 : now;
      if (acted?.name === 'resolved') inARow = Number.NEGATIVE_INFINITY;
    }
  });
});

test('no notice but that of the end is sent while an alert recovers', () => {
  always((_, log) => {
    for (const { decision } of log) {
      if (decision.state.condition !== 'recovering') continue;
      expect(decision.transition).toBeNull();
    }
  });
});

test('a notice that is owed while the alert recovers stays owed until it is wrong again or ends', () => {
  always((_, log) => {
    for (const { before, decision } of log) {
      const { state, transition } = decision;
      if (!before.owed || transition?.notice || !isOpen(state)) continue;
      expect(state.owed).toBe(true);
    }
  });
});

test('a notice that an alert fires names a value that was wrong, or one that has not recovered', () => {
  always((_, log) => {
    let wrong: Decision['reported'] | undefined;
    for (const { now, decision } of log) {
      const { verdict, reported, transition } = decision;
      const measured = { ...verdict.measured, reference: verdict.reference, at: now };
      if (verdict.says === 'wrong') wrong = measured;
      if (!transition?.notice || transition.notice === 'resolved') continue;
      expect(['wrong', 'between', 'nothing']).toContain(verdict.says);
      expect(reported).toEqual(verdict.says === 'nothing' ? wrong : measured);
    }
  });
});

test('every notice belongs to a transition and says what happened', () => {
  always((_, log) => {
    for (const { decision } of log) {
      const { transition, state } = decision;
      if (!transition?.notice) continue;
      expect(transition.suppressedBy).toBeNull();
      expect(isOpen(state)).toBe(transition.notice !== 'resolved');
    }
  });
});

test('a notice of the end follows exactly the alerts that were told, unless a silence is in force', () => {
  always((_, log) => {
    let told = false;
    for (const { name, notice, suppressedBy } of transitionsOf(log)) {
      if (name === 'resolved') {
        expect(notice === 'resolved').toBe(told && suppressedBy !== 'silence');
        if (!told) expect(suppressedBy).toBe('untold');
        told = false;
      } else if (notice) told = true;
    }
  });
});

test('an alert opens only after the one before has ended', () => {
  always((_, log) => {
    let open = false;
    for (const { name } of transitionsOf(log)) {
      if (name === 'firing') expect(open).toBe(false);
      else expect(open).toBe(true);
      if (name === 'firing') open = true;
      if (name === 'resolved') open = false;
    }
  });
});

test('an observation without a value changes neither the condition nor how long it has been wrong', () => {
  always((_, log) => {
    for (const { seen, current, before, decision } of log) {
      if (seen !== 'failed' && !(seen === 'nothing' && current === null)) continue;
      const { condition, wrongSince, rightSince } = decision.state;
      expect({ condition, wrongSince, rightSince }).toEqual({
        condition: before.condition,
        wrongSince: before.wrongSince,
        rightSince: before.rightSince,
      });
      expect(['firing', 'resolved']).not.toContain(decision.transition?.name);
    }
  });
});

test('two notices that an alert fires are at least repeatSeconds apart, unless its severity rose', () => {
  always((watched, log) => {
    let last: number | undefined;
    for (const { now, name, notice } of transitionsOf(log)) {
      if (notice === 'still_firing' && last !== undefined) {
        expect(watched.repeatSeconds).toBeGreaterThan(0);
        expect(now - last).toBeGreaterThanOrEqual(watched.repeatSeconds * 1_000);
      }
      if (name === 'firing') last = undefined;
      if (notice !== null && notice !== 'resolved' && notice !== 'acknowledged') last = now;
    }
  });
});

test('an acknowledged alert sends no notice until it ends or its severity rises', () => {
  always((_, log) => {
    for (const { before, decision } of log) {
      if (before.workflow !== 'acknowledged') continue;
      expect([null, 'resolved', 'escalated', 'firing']).toContain(decision.transition?.notice ?? null);
      if (decision.transition?.notice === 'firing') expect(decision.reason).toBe('severity_rose');
    }
  });
});

test('an alert fires only after the value was wrong for as long as the rule wants', () => {
  always((watched, log) => {
    for (const { decision, now } of log) {
      if (decision.reason !== 'fired' && decision.reason !== 'flapping') continue;
      const since = decision.state.wrongSince ?? now;
      expect(now - since).toBeGreaterThanOrEqual(watched.forSeconds * 1_000);
      const wrongIn = log.filter((one) => one.now >= since && one.now <= now);
      for (const one of wrongIn) expect(['wrong', 'nothing']).toContain(one.decision.verdict.says);
    }
  });
});

test('a bucket under way makes only threshold_above fire', () => {
  always((watched, log) => {
    if (watched.type === 'threshold_above') return;
    const steps = log.map(
      ({ now: _now, before: _before, decision: _decision, acted: _acted, ...one }) => one,
    );
    const without = play(
      watched,
      steps.map((one) => ({ ...one, current: null })),
    );
    expect(without.map(({ decision }) => decision.state)).toEqual(log.map(({ decision }) => decision.state));
  });
});

test('the same arguments give the same decision, and the given state is not changed', () => {
  always((watched, log) => {
    for (const one of log) {
      const given = structuredClone(one.before);
      const time = { now: one.now, silencedUntil: one.silenced ? one.now + 1 : null };
      const again = decide({ ...watched, severity: one.severity }, observationOf(one), one.before, time);
      expect(again).toEqual(one.decision);
      expect(one.before).toEqual(given);
    }
  });
});
