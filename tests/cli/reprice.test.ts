import { expect, test } from 'vitest';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { DAY } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { putPrice } from '../support/events/prices.ts';
import { runCommand } from '../support/service/run-command.ts';

const database = useDatabase();
const ingestion = useIngestion(database);

function tidemark(...args: string[]) {
  return runCommand(args, { DATABASE_URL: database.url });
}

const yesterday = new Date(Math.floor(Date.now() / DAY) * DAY - DAY).toISOString();
const range = ['--from', yesterday, '--to', new Date(Date.parse(yesterday) + DAY).toISOString()];

test('reprice shows the difference, writes it with --apply, and then finds nothing to change', async () => {
  await ingestion.store(
    makeJob({ occurredAt: yesterday }),
    makeJob({ occurredAt: yesterday, costCents: 7 }),
    makeJob({ occurredAt: yesterday, provider: 'tripo' }),
  );
  await rollUp(database.pool);
  await putPrice(database.pool, { provider: 'replicate', effectiveFrom: yesterday, centsPerJob: 1_234.5 });

  const line = /replicate \/ 3d +1 +1 +- +1,234\.5000 +\+1,234\.5000 +1 +0\n/;
  const shown = await tidemark('reprice', ...range);
  expect(shown).toMatchObject({ code: 0, output: expect.stringMatching(line) });
  expect(shown.output).toMatch(/tripo \/ 3d +1 +0 +- +- +- +1 +1\n/);
  expect(shown.output).toContain('1 of 2 jobs would get another cost; write it with --apply.');
  const costs = () =>
    database.pool.query(`select sum(cost)::float8 as cost from analytics.rollups where org_id = '*'`);
  expect((await costs()).rows).toEqual([{ cost: 70_000_000 }]);

  const applied = await tidemark('reprice', ...range, '--provider', 'replicate', '--apply');
  expect(applied).toMatchObject({ code: 0, output: expect.stringMatching(line) });
  expect(applied.output).toContain('1 of 1 jobs got another cost');
  expect((await tidemark('reprice', ...range)).output).toContain('Nothing to change: all 2 jobs');
  const ofNobody = await tidemark('reprice', ...range, '--provider', 'nobody');
  expect(ofNobody).toMatchObject({ code: 0, output: expect.stringContaining('Nothing to price') });
  expect(await tidemark('reconcile')).toMatchObject({ code: 0 });
});

test.for([
  [['--from', '2026-01-02', '--to', '2026-01-02'], '--from must be before --to'],
  [['--from', 'yesterday', '--to', '2026-01-02'], 'Give a date or a time'],
  [['--to', '2026-01-02'], '--from'],
] as const)('reprice %j fails with 1 and says why', async ([args, why]) => {
  const { code, complaint } = await tidemark('reprice', ...args);
  expect(complaint).toContain(why);
  expect(code).toBe(1);
});
