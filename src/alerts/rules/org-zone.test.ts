import { expect, test } from 'vitest';
import { inZoneOf } from './org-zone.ts';
import { readRule } from './read-rule.ts';

test('a rule that names no zone has that of its org', () => {
  const given = (timezone: string | null) => {
    const rule = readRule(
      { name: 'r', metric: 'usage.count', type: 'anomaly', timezone },
      { allOrgs: false },
    );
    if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
    return rule;
  };
  expect(inZoneOf(given(null), 'Asia/Tokyo').timezone).toBe('Asia/Tokyo');
  expect(inZoneOf(given('Europe/Berlin'), 'Asia/Tokyo').timezone).toBe('Europe/Berlin');
  expect(inZoneOf(given(null), null).timezone).toBeNull();
});
