import { expect, test } from 'vitest';
import { newDraft, preferenceOf } from './preference-draft.ts';
import { isQuiet, quietParts } from './quiet-hours.ts';

test('quiet hours over midnight are two parts of the day', () => {
  expect(quietParts('22:00', '07:30')).toEqual([
    [0, 450],
    [1_320, 1_440],
  ]);
  expect(quietParts('12:00', '13:00')).toEqual([[720, 780]]);
  expect(quietParts('07:00', '07:00')).toEqual([]);
  expect(quietParts('22:00', '00:00')).toEqual([[1_320, 1_440]]);
});

test('the end of the quiet hours is not quiet', () => {
  expect(isQuiet(449, '22:00', '07:30')).toBe(true);
  expect(isQuiet(450, '22:00', '07:30')).toBe(false);
});

test('a preference sends through no channel without an address', () => {
  const draft = { ...newDraft('user', 'eve', 'Europe/Berlin'), email: ' eve@example.com ' };
  expect(preferenceOf(draft)).toMatchObject({
    ...{ email: 'eve@example.com', phone: null, quietHours: null, timezone: 'Europe/Berlin' },
    channels: { critical: ['email'], warning: ['email'], info: [] },
  });
});

test('quiet hours have the zone of the form', () => {
  const draft = { ...newDraft('team', 'ops', 'Asia/Tokyo'), isQuiet: true, from: '23:00' };
  expect(preferenceOf(draft).quietHours).toEqual({ from: '23:00', to: '07:00', timezone: 'Asia/Tokyo' });
});
