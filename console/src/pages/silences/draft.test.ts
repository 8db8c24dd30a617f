import { expect, test } from 'vitest';
import { labelsOf, newDraft, silenceOf } from './draft.ts';

const now = Date.parse('2026-11-03T14:00:00Z');
const draft = { ...newDraft('Europe/Berlin', ['Errors'], ['modelId=gpt-4o']), reason: ' Migration ' };

test('a silence for an hour ends an hour from now', () => {
  expect(silenceOf(draft, 'acme', now)).toEqual({
    ...{ orgId: 'acme', reason: 'Migration', rules: ['Errors'], labels: { modelId: 'gpt-4o' } },
    ...{ severities: [], endsAt: '2026-11-03T15:00:00.000Z' },
  });
});

test('a silence of all orgs together names none, and one of all rules no rule', () => {
  const all = silenceOf({ ...draft, which: 'all' }, '*', now);
  expect(all).not.toHaveProperty('orgId');
  expect(all.rules).toEqual([]);
});

test('times are those of the zone', () => {
  const until = { ...draft, length: 'until' as const, from: '2026-11-03T16:00', to: '2026-11-04T09:30' };
  expect(silenceOf(until, 'acme', now)).toMatchObject({
    startsAt: '2026-11-03T15:00:00.000Z',
    endsAt: '2026-11-04T08:30:00.000Z',
  });
  expect(silenceOf({ ...until, from: '' }, 'acme', now)).toMatchObject({ startsAt: null });
});

test('a window recurs in the zone, without an end if none is given', () => {
  expect(silenceOf({ ...draft, kind: 'window' }, 'acme', now)).toMatchObject({
    recurrence: { days: ['sat', 'sun'], from: '22:00', to: '06:00', timezone: 'Europe/Berlin' },
    endsAt: null,
  });
});

test('a value of a label may have an equals sign, and a line without one is named', () => {
  expect(labelsOf('label.team = search\n\nmodelId=a=b')).toEqual({
    labels: { 'label.team': 'search', modelId: 'a=b' },
    wrong: undefined,
  });
  expect(labelsOf('modelId=x\ngpt-4o').wrong).toBe('gpt-4o');
  expect(labelsOf('modelId=').wrong).toBe('modelId=');
});
