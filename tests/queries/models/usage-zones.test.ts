import { beforeAll, describe, expect, test } from 'vitest';
import { answerUsage, type UsageAnswer } from '../../../src/queries/models/usage.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { askRaw, usageFaults } from '../../support/answers/raw-answers.ts';
import { useDatabase } from '../../support/database/database.ts';
import { usageMaker } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

/** Clocks went forward in America on 8 March and in Europe on 29 March, and back on Lord Howe on 5 April. */
const NOW = Date.UTC(2026, 3, 10, 9, 30);
const database = useDatabase();
const { store } = useIngestion(database, { now: () => NOW });

beforeAll(async () => {
  const makeUsage = usageMaker(5, NOW);
  // Some events in every hour, at odd minutes, for 45 days.
  const events = Array.from({ length: 3 * 24 * 45 }, (_, n) =>
    makeUsage({
      orgId: 'acme',
      occurredAt: new Date(NOW - n * (HOUR / 3) - (n % 13) * 61_007).toISOString(),
    }),
  );
  await store(...events.slice(0, 2_000));
  await rollUp(database.pool);
  await promoteAll(database.pool, grainNamed('day'));
  await store(...events.slice(2_000));
  await rollUp(database.pool);
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Pacific/Marquesas',
];

function ask(
  timezone: string,
  granularity: 'hour' | 'day' | 'week',
  start: number,
  end: number,
): Promise<UsageAnswer> {
  return answerUsage(database.pool, {
    orgId: 'acme',
    range: { start, end },
    granularity,
    timezone,
    modelId: undefined,
    groupBy: undefined,
    now: NOW,
  });
}

/** The first and last moment of March 2026 in a zone, as PostgreSQL computes them. */
async function march(zone: string): Promise<[start: number, end: number]> {
  const { rows } = await database.pool.query<{ start: Date; stop: Date }>(
    `select timestamp '2026-03-01' at time zone $1 as start, timestamp '2026-04-01' at time zone $1 as stop`,
    [zone],
  );
  return [rows[0]?.start.getTime() ?? 0, rows[0]?.stop.getTime() ?? 0];
}

describe.each(zones)('in %s', (timezone) => {
  test('the days of a month add up to the month, and each to its events', async () => {
    const [start, end] = await march(timezone);
    const answer = await ask(timezone, 'day', start, end);
    expect(answer.series).toHaveLength(31);
    expect([answer.start, answer.end]).toEqual([new Date(start).toISOString(), new Date(end).toISOString()]);
    const raw = await askRaw(database.pool, { ...answer, granularity: 'day', timezone });
    expect(usageFaults(answer, raw)).toEqual([]);
    const sum = answer.series.reduce((total, { invocations }) => total + invocations, 0);
    expect(sum).toBe(answer.totals.invocations);
    expect(sum).toBeGreaterThan(2_000);
  });

  test('hours add up too, on days with a clock change as well', async () => {
    for (const day of [Date.UTC(2026, 2, 8), Date.UTC(2026, 2, 29), Date.UTC(2026, 3, 5)]) {
      const answer = await ask(timezone, 'hour', day - DAY, day + 2 * DAY);
      const sum = answer.series.reduce((total, { invocations }) => total + invocations, 0);
      expect(sum).toBe(answer.totals.invocations);
      // PostgreSQL puts the repeated half hour of Lord Howe into one bucket with the hour before it.
      if (timezone === 'Australia/Lord_Howe') continue;
      const raw = await askRaw(database.pool, { ...answer, granularity: 'hour', timezone });
      expect(usageFaults(answer, raw)).toEqual([]);
    }
  });

  test('weeks add up too', async () => {
    const [start, end] = await march(timezone);
    const answer = await ask(timezone, 'week', start, end);
    const raw = await askRaw(database.pool, { ...answer, granularity: 'week', timezone });
    expect(usageFaults(answer, raw)).toEqual([]);
  });
});

test('a month has the same totals in any granularity and zone', async () => {
  const [start, end] = await march('Asia/Kathmandu');
  const totals = await Promise.all(
    (['hour', 'day', 'week'] as const).flatMap((granularity) =>
      zones.map(async (zone) => (await ask(zone, granularity, start, end)).totals),
    ),
  );
  for (const each of totals) expect(each).toEqual(totals[0]);
});
