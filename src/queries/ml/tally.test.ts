import { expect, test } from 'vitest';
import { MlTally } from './tally.ts';

test('jobs of a model version without prices count as unpriced where their rollup has no cost', () => {
  const tally = new MlTally();
  tally.add({
    status: 'success',
    error_code: null,
    cost_source: null,
    count: 10,
    without_cost: 4,
    value_sum: 1_000,
    value_min: 100,
    value_max: 100,
    sketches: null,
    cost: 60_000_000,
  });
  expect(tally.figures()).toMatchObject({ jobs: 10, unpricedJobs: 4, costCents: 6, costPerSuccessCents: 1 });
  expect(tally.costsBySource()).toMatchObject({
    given: { jobs: 6, costCents: 6 },
    none: { jobs: 4, costCents: null },
  });
});
