import { describe, expect, test } from 'vitest';
import { type Alert, byRule, formatOfUnit, recipientsOf } from './alert.ts';

function alert(id: string, configId: string, severity: Alert['severity'], triggeredAt: string): Alert {
  return { id, configId, name: configId, severity, triggeredAt } as Alert;
}

test('rules with a critical alert come first, then those with the newest', () => {
  const groups = byRule([
    alert('1', 'slow', 'warning', '2026-11-03T14:00:00Z'),
    alert('2', 'spend', 'warning', '2026-11-03T15:00:00Z'),
    alert('3', 'errors', 'critical', '2026-11-01T00:00:00Z'),
    alert('4', 'slow', 'warning', '2026-11-03T16:00:00Z'),
  ]);
  expect(groups.map(({ configId, alerts }) => [configId, alerts.map(({ id }) => id)])).toEqual([
    ['errors', ['3']],
    ['slow', ['1', '4']],
    ['spend', ['2']],
  ]);
});

test('a recipient counts once, and only if the notice was sent', () => {
  const told = (recipient: string, status: string) => ({
    ...{ recipient, status, channel: 'email', kind: 'firing', sentAt: null, failure: null },
  });
  expect(recipientsOf([told('a', 'sent'), told('b', 'dead'), told('a', 'sent'), told('c', 'sent')])).toEqual([
    'a',
    'c',
  ]);
});

describe('a value of a rule', () => {
  test.each([
    ['ratio', null, 0.0512, '5.1\u00A0%'],
    ['milliseconds', null, 820, '820 ms'],
    ['seconds', null, 90, '1 min 30 s'],
    ['cents', 'USD', 1_250, '$12.50'],
    ['count', null, 12_345, '12.3K'],
  ])('in %s has its unit', (unit, currency, value, text) => {
    expect(formatOfUnit(unit, currency).short(value)).toBe(text);
  });
});
