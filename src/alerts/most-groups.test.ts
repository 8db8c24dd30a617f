import { expect, test } from 'vitest';
import { type AlertState, initialState } from './alert-state.ts';
import { atMost } from './most-groups.ts';
import type { Observation } from './observation.ts';
import { readRule } from './read-rule.ts';
import type { Rule } from './rule.ts';

const rule = readRule(
  { name: 'r', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5, groupBy: ['modelId'] },
  { allOrgs: false },
) as Rule;
const seen = (value: number | null, samples: number): Observation => ({
  complete: { value, samples },
  current: [],
  previous: null,
  baseline: null,
  failure: null,
});
const standing = (changes: Partial<AlertState>) => ({ state: { ...initialState(0), ...changes } });

test('where there is no room for all, what waits for data that does not come makes room for what is there', () => {
  const found = new Map(
    Object.entries({
      pendingAndGone: seen(null, 0),
      firingAndGone: seen(null, 0),
      known: seen(0.1, 1),
      newAndLarge: seen(0.1, 90),
      newAndSmall: seen(0.1, 3),
    }).map(([key, observation]) => [key, { group: { modelId: key }, observation }]),
  );
  const states = new Map([
    ['pendingAndGone', standing({ condition: 'pending' })],
    ['firingAndGone', standing({ condition: 'firing', workflow: 'open' })],
    ['known', standing({})],
  ]);
  const kept = (most: number) => [...atMost(most, rule, found, states).found.keys()];
  expect(kept(3)).toEqual(['firingAndGone', 'known', 'newAndLarge']);
  expect(kept(4)).not.toContain('pendingAndGone');
  expect(atMost(4, rule, found, states).failure).toMatch(/^it has 5 groups; 4 are watched/);
  expect(atMost(5, rule, found, states)).toEqual({ found, failure: null });
});
