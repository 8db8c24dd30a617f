import { beforeAll, describe, expect, test } from 'vitest';
import { grainsThatDiffer } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { endOf, runCommand, startCommand } from '../support/service/run-command.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const noon = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;

function dateOf(millis: number) {
  return new Date(millis).toISOString().slice(0, 10);
}

const [day, next] = [dateOf(noon), dateOf(noon + 86_400_000)];
const makeUsage = usageMaker(21);

function usageAt(hour: number, orgId = 'acme') {
  return makeUsage({ orgId, occurredAt: new Date(noon + hour * 3_600_000).toISOString() });
}

function tidemark(...args: string[]) {
  return runCommand(args, { DATABASE_URL: database.url });
}

beforeAll(async () => {
  await ingestion.store(usageAt(0), usageAt(1), usageAt(1), usageAt(1, 'globex'));
});

describe('commands from waiting events to repaired rollups', () => {
  test('roll-up rolls up waiting events, and then finds none', async () => {
    expect((await tidemark('roll-up')).output).toMatch(/batches rolled up +1\n/);
    expect(await tidemark('roll-up', '--promote')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/rolled up +0\n/),
    });
    const { rows } = await database.pool.query('select distinct grain from analytics.rollups');
    expect(rows).toHaveLength(5);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('reconcile finds no drift', async () => {
    const { code, output } = await tidemark('reconcile');
    expect(code).toBe(0);
    expect(output).toMatch(new RegExp(`from +${day} 00:00 UTC\\n  to +${next} 00:00 UTC\\n`));
    expect(output).toMatch(/rows compared +4\n {2}drift +0\n/);
  });

  test('reconcile names the broken hour, and ends with 1', async () => {
    await database.pool.query(
      `update analytics.rollups set count = count + 1 where grain = 'hour' and org_id = 'globex'`,
    );
    const { code, output } = await tidemark('reconcile', '--from', day);
    expect(code).toBe(1);
    expect(output.split('\n').filter((line) => line.includes('globex'))).toEqual([
      expect.stringMatching(new RegExp(`^ +hour +${day} 13:00 UTC +globex +usage +count +1 +2$`)),
      expect.stringContaining('series'),
    ]);
    expect(output).toMatch(/drift +1\n/);
    expect(output).not.toContain('acme');
  });

  test('rebuild repairs it', async () => {
    const { code, output } = await tidemark('rebuild', '--from', `${day}T13:00Z`, '--to', `${day}T13:30Z`);
    expect(code).toBe(0);
    expect(output).toContain(`rebuilt from  ${day} 00:00 UTC`);
    expect(await tidemark('reconcile')).toMatchObject({ code: 0 });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });
});

test.for([
  [['rebuild', '--from', '2026-01-02', '--to', '2026-01-02'], '--from must be before --to'],
  [['rebuild', '--from', 'yesterday', '--to', '2026-01-02'], 'Give a date or a time'],
  [['rebuild', '--from', '2026-01-01'], '--to'],
  [['reconcile', '--from', '2026-02-30'], 'Give a date or a time'],
  [['reconcile', '--from', '2026-11-28', '--to', '2026-11-01'], 'the range is empty'],
] as const)('%j fails with 1 and says why', async ([args, why]) => {
  const { code, complaint } = await tidemark(...args);
  expect(complaint).toContain(why);
  expect(code).toBe(1);
});

test('Ctrl-C cancels the statement of the command in the database, and leaves nothing behind', async () => {
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('lock table analytics.folds in access exclusive mode');
  const child = startCommand(['rebuild', '--from', day, '--to', new Date(noon + 86_400_000).toISOString()], {
    DATABASE_URL: database.url,
  });
  const waiting = () =>
    database.pool.query(
      `select 1 from pg_stat_activity where application_name like 'tidemark rebuild %' and wait_event_type = 'Lock'`,
    );
  await expect.poll(async () => (await waiting()).rowCount, { timeout: 30_000 }).toBe(1);
  child.kill('SIGINT');
  expect(await endOf(child)).toEqual({ code: 130, output: '', complaint: 'tidemark: stopped\n' });
  await holder.query('rollback');
  holder.release();
  const { rowCount } = await database.pool.query(
    `select 1 from pg_stat_activity where application_name like 'tidemark rebuild %'`,
  );
  expect(rowCount).toBe(0);
});
