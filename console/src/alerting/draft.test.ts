import { expect, test } from 'vitest';
import {
  type Draft,
  draftOf,
  faultsOf,
  fromField,
  newDraft,
  type Rule,
  scaleOf,
  toField,
  yamlOf,
} from './draft.ts';

test.each([
  ['threshold_above', 'ratio', 0.07, '7'],
  ['threshold_above', 'cents', 1_250, '12.5'],
  ['rate_of_change', 'cents', -20, '-20'],
  ['threshold_below', 'count', 3, '3'],
] as const)('a threshold of %s in %s is written as people do, and read back', (type, unit, value, text) => {
  const scale = scaleOf(type, unit);
  expect(toField(value, scale)).toBe(text);
  expect(fromField(text, scale)).toBe(value);
});

test('what the service sets is not sent back', () => {
  const rule = { ...newDraft('acme'), id: '1', version: 3, openAlerts: 2, builtIn: null } as unknown as Rule;
  expect(draftOf(rule)).toEqual(newDraft('acme'));
});

test('a fault within a list is a fault of its field', () => {
  const faults = [
    { path: '$.groupBy.0', message: 'is no dimension' },
    { path: '$.threshold', message: 'must be a share' },
  ];
  expect(faultsOf(faults, 'groupBy').map(({ message }) => message)).toEqual(['is no dimension']);
  expect(faultsOf(faults, 'name')).toEqual([]);
});

test('YAML quotes texts, so that no name is read as something else', () => {
  const draft = { name: 'no: "1"', metric: 'usage.count', groupBy: ['modelId'], orgId: null } as Draft;
  expect(yamlOf(draft)).toBe(
    'alerts:\n  - name: "no: \\"1\\""\n    metric: "usage.count"\n    groupBy: ["modelId"]\n    orgId: null\n',
  );
});
