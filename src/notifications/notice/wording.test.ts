import { expect, test } from 'vitest';
import { makeNotice } from '../../../tests/support/alerting/notices.ts';
import { statementOf } from './statement.ts';
import { eventOf, factsOf, inTime, oneLine } from './wording.ts';

test.each([
  [45, '45 s'],
  [300, '5 min'],
  [7_200, '2 h'],
  [7_800, '2 h 10 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(inTime(seconds)).toBe(text);
});

test('a line has no line breaks and a maximum length', () => {
  expect(oneLine('a\r\nb\u2028c\u0000 d', 20)).toBe('a b c d');
  expect(oneLine('abcdef', 4)).toBe('abc…');
});

test('the facts of a notice are complete', () => {
  const notice = makeNotice({ kind: 'resolved', at: '2026-11-20T10:12:00.000Z', baseline: 0.02 });
  expect(eventOf(notice)).toBe('Failing answers (model gpt-4o) is resolved');
  expect(Object.fromEntries(factsOf(notice))).toEqual({
    Severity: 'critical',
    Org: 'acme',
    Metric: 'usage.error_rate',
    Value: '7.3 %',
    Baseline: '2 %',
    Threshold: '5 %',
    Window: '5 min',
    Samples: '1,240',
    Since: '2026-11-20 10:00:00 UTC',
    Lasted: '12 min',
  });
});

test('of a long title the name is cut, and not the group that tells alerts apart', () => {
  const notice = makeNotice({
    name: 'Failing answers of the assistant '.repeat(10),
    group: { model: 'gpt-4o-mini' },
  });
  const event = eventOf(notice, 80);
  expect(event).toMatch(/^Failing answers of .*… \(model gpt-4o-mini\) is firing$/);
  expect(event.length).toBeLessThanOrEqual(80);
  const long = { ...notice, group: { path: `/a${'x'.repeat(300)}/end-of-one` } };
  expect(eventOf(long, 80)).toMatch(/^Failing .*…/);
  expect(eventOf(long, 80)).toMatch(/of-one\) is firing$/);
  expect(eventOf(long, 80).length).toBeLessThanOrEqual(80);
});

test('the facts say what the rule watches, on the clock of the recipient', () => {
  const notice = makeNotice({ filters: { modelId: 'gpt-4o', status: 'error' }, expression: 'up == 0' });
  expect(Object.fromEntries(factsOf(notice, 'Asia/Kathmandu'))).toMatchObject({
    Filters: 'modelId gpt-4o, status error',
    Expression: 'up == 0',
    Since: '2026-11-20 15:45:00 +05:45 (Asia/Kathmandu)',
  });
  expect(Object.fromEntries(factsOf(notice, 'IST')).Since).toBe('2026-11-20 10:00:00 UTC');
});

test('a gauge has no window', () => {
  expect(factsOf(makeNotice({ windowSeconds: 0 })).map(([label]) => label)).not.toContain('Window');
});

test('a value that was measured earlier is given with its time', () => {
  const notice = makeNotice({ at: '2026-11-20T10:12:00.000Z', measuredAt: '2026-11-20T10:05:00.000Z' });
  expect(Object.fromEntries(factsOf(notice)).Value).toBe('7.3 % at 2026-11-20 10:05:00 UTC');
});

test.each([
  ['within_threshold', 'is resolved'],
  ['by_person', 'was resolved by eve'],
  ['rule_disabled', 'is no longer watched'],
  ['rule_deleted', 'is no longer watched'],
  ['rule_changed', 'is no longer watched'],
] as const)('an alert that ends with %s %s', (reason, event) => {
  expect(eventOf(makeNotice({ kind: 'resolved', actorId: 'eve', reason }))).toBe(
    `Failing answers (model gpt-4o) ${event}`,
  );
});

test.each([
  ['firing', 'is flapping: it fired 3 times within 4 min'],
  ['still_firing', 'is still flapping: it fired 3 times within 4 min'],
  ['resolved', 'has settled, after it fired 3 times'],
] as const)('a notice of kind %s about a flapping alert says how often it fired', (kind, event) => {
  const flapping = { times: 3, since: '2026-11-20T10:00:00.000Z' };
  expect(eventOf(makeNotice({ kind, flapping, at: '2026-11-20T10:04:00.000Z' }))).toBe(
    `Failing answers (model gpt-4o) ${event}`,
  );
});

test('a notice about a group that is gone does not say resolved', () => {
  const notice = makeNotice({ kind: 'resolved', reason: 'group_gone' });
  expect(eventOf(notice)).toBe('Failing answers (model gpt-4o) has ended, because its data is gone');
  expect(statementOf(notice)).toBe(
    'its group has had no data for so long that it counts as gone; usage.error_rate was 7.3 %, above 5 %',
  );
});
