import { expect, test } from 'vitest';
import type { Funnel } from './queries.ts';
import { stepsOf } from './steps.ts';

function compared(value: number | null) {
  return { value, previous: null, changePercent: null };
}

function stage(name: Funnel['stages'][number]['stage'], sessions: number, events: number) {
  return {
    ...{ stage: name, sessions: compared(sessions), events: compared(events) },
    ...{ reached: compared(1), dropOff: compared(null) },
  };
}

const stages = [stage('visit', 100, 150), stage('cart', 40, 70), stage('complete', 10, 10)];

test('each step knows how many were lost since the one before', () => {
  expect(stepsOf({ stages, basis: 'sessions' }).map(({ lost }) => lost)).toEqual([null, 60, 30]);
});

test('a funnel by events counts events', () => {
  const steps = stepsOf({ stages, basis: 'events' });
  expect(steps.map(({ count }) => count.value)).toEqual([150, 70, 10]);
  expect(steps.map(({ lost }) => lost)).toEqual([null, 80, 60]);
});
