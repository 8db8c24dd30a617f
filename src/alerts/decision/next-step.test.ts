import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../time.ts';
import { initialState } from './alert-state.ts';
import { decideStep, nextStepAt } from './next-step.ts';
import { actOn } from './workflow.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const rule = {
  escalation: [
    { afterSeconds: 600, channels: [{ channel: 'sms' as const, team: 'platform' }] },
    { afterSeconds: 1_800, channels: [{ channel: 'email' as const }] },
  ],
};
const open = {
  ...initialState(NOW),
  condition: 'firing' as const,
  workflow: 'open' as const,
  told: true,
  unacknowledgedSince: NOW,
};
function at(minutes: number) {
  return { now: NOW + minutes * MINUTE, silencedUntil: null };
}

test('each step is told once, at its time', () => {
  expect(decideStep(rule, open, at(9))).toEqual({ says: 'wait', until: NOW + 10 * MINUTE });
  const first = decideStep(rule, open, at(10));
  expect(first).toMatchObject({ says: 'tell', step: rule.escalation[0], state: { stepsTold: 1 } });
  const state = { ...open, stepsTold: 1 };
  expect(decideStep(rule, state, at(10))).toEqual({ says: 'wait', until: NOW + 30 * MINUTE });
  expect(decideStep(rule, state, at(30))).toMatchObject({ says: 'tell', step: rule.escalation[1] });
  expect(decideStep(rule, { ...open, stepsTold: 2 }, at(60))).toEqual({ says: 'wait', until: null });
});

test('nobody waits for people once the alert is acknowledged, over or recovering', () => {
  const acknowledged = actOn(open, 'acknowledge', NOW + MINUTE, null)?.state ?? open;
  for (const state of [
    acknowledged,
    { ...open, workflow: 'resolved' as const },
    { ...open, condition: 'recovering' as const },
    initialState(NOW),
  ])
    expect(decideStep(rule, state, at(60))).toEqual({ says: 'wait', until: null });
});

test('the time starts anew when an acknowledgement is taken back', () => {
  const acknowledged = actOn(open, 'acknowledge', NOW + MINUTE, null)?.state ?? open;
  const again = actOn(acknowledged, 'unacknowledge', NOW + 20 * MINUTE, null)?.state ?? open;
  expect(nextStepAt(rule, again)).toBe(NOW + 30 * MINUTE);
});

test('a silence holds a step back, and its end is noticed soon', () => {
  const { now } = at(10);
  const waits = (until: number) => decideStep(rule, open, { now, silencedUntil: now + until });
  expect(waits(5 * SECOND)).toEqual({ says: 'wait', until: now + 5 * SECOND });
  expect(waits(60 * MINUTE)).toEqual({ says: 'wait', until: now + 10 * SECOND });
  expect(decideStep(rule, open, { now, silencedUntil: now })).toMatchObject({ says: 'tell' });
});
