import { describe, expect, test } from 'vitest';
import { eventTypes } from '../../src/events/catalogue.ts';
import { contentColumns } from '../../src/events/columns.ts';
import { formatUuid } from '../../src/events/event-id.ts';
import type { Row } from '../../src/events/event-type.ts';
import { readEvent } from '../../src/events/read-event.ts';
import { formatTimestamp } from '../../src/events/timestamp.ts';
import { useDatabase } from '../support/database/database.ts';
import { AWKWARD, type SentEvent, sampleEvents } from '../support/events/event-samples.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const { store } = ingestion;
const occurredAt = formatTimestamp((Date.now() - 60_000) * 1_000 + 123);
const samples = sampleEvents(occurredAt);

/** The rows of an event as the database returns them, by column, as text. */
async function storedRows(eventId: string): Promise<Record<string, string | null>[]> {
  const { rows } = await database.pool.query<{ columns: string[]; texts: (string | null)[] }>(
    `select array_agg(key order by key) as columns, array_agg(value order by key) as texts
     from (
       select e.org_id, e.type, e.sku, t.key, t.value
       from analytics.events e, jsonb_each_text(to_jsonb(e)) as t
       where e.event_id = $1
     ) as e
     group by org_id, type, sku order by type, sku`,
    [eventId],
  );
  return rows.map(({ columns, texts }) =>
    Object.fromEntries(columns.map((column, index) => [column, texts[index] ?? null])),
  );
}

function expectedText(row: Row, column: keyof typeof contentColumns): string | null {
  const value = row[column];
  if (value === undefined) return null;
  return column === 'event_id' ? formatUuid(String(value)) : String(value);
}

function rowsOf(event: SentEvent): readonly Row[] {
  const read = readEvent(event, { now: Date.now() });
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  return read.settled ?? read.rows;
}

describe.each(Object.keys(samples))('%s', (type) => {
  test('comes back from the database with every column as it was read', async () => {
    const event = samples[type] ?? {};
    const rows = rowsOf(event);
    await store(event);
    const stored = await storedRows(formatUuid(String(rows[0]?.event_id)));
    expect(stored).toHaveLength(rows.length);
    for (const [position, row] of rows.entries()) {
      for (const column of Object.keys(contentColumns) as (keyof typeof contentColumns)[]) {
        const found = stored[position]?.[column] ?? null;
        if (column === 'occurred_at')
          expect(Date.parse(String(found)) * 1_000 + Number(found?.slice(23, 26))).toBe(row.occurred_at);
        else if (contentColumns[column] === 'jsonb')
          expect(JSON.parse(found ?? 'null')).toEqual(JSON.parse(String(row[column] ?? 'null')));
        else expect({ [column]: found }).toEqual({ [column]: expectedText(row, column) });
      }
      expect(stored[position]?.correlation_id).toBe(`story ${AWKWARD}`);
    }
  });

  test('has a series with its dimensions', async () => {
    const event = samples[type] ?? {};
    await store(event);
    const { rows } = await database.pool.query<Record<string, unknown>>(
      `select s.* from analytics.series s join analytics.events e using (org_id, series_id)
       where e.event_id = $1 and e.type = $2`,
      [formatUuid(String(rowsOf(event)[0]?.event_id)), type],
    );
    expect(rows).toHaveLength(1);
    for (const { column, dimension } of Object.values(eventTypes.get(type)?.fields ?? {})) {
      if (column && dimension) expect(String(rows[0]?.[column])).toBe(String(rowsOf(event)[0]?.[column]));
    }
  });
});

test('the limits of every kind of number are stored exactly', async () => {
  const noCache = { cachedInputTokens: 0, cacheWriteInputTokens: 0, cacheWriteHourInputTokens: 0 };
  const usage = { ...samples.usage, ...noCache, correlationId: 'ends' };
  const ends = [
    { latencyMs: 0, inputTokens: 0, costEstimateCents: 0 },
    { latencyMs: 0.001, inputTokens: 2 ** 31, costEstimateCents: 0.0000001 },
    { latencyMs: 4_294_967.296, inputTokens: 2 ** 32, costEstimateCents: 429.496_729_6 },
    { latencyMs: 2_592_000_000, inputTokens: 1e12, costEstimateCents: 1e8 },
  ];
  await store(...ends.map((end, n) => ({ ...usage, ...end, eventId: `end ${n}` })));
  const { rows } = await database.pool.query(
    `select value, value_bin, input_tokens as tokens, cost from analytics.events
     where correlation_id = 'ends' order by value`,
  );
  expect(rows).toEqual([
    { value: 0, value_bin: -1, tokens: 0, cost: 0 },
    { value: 1, value_bin: 0, tokens: 2 ** 31, cost: 1 },
    { value: 2 ** 32, value_bin: 1_121, tokens: 2 ** 32, cost: 2 ** 32 },
    { value: 2_592_000_000_000, value_bin: 1_444, tokens: 1e12, cost: 1e15 },
  ]);
});

test('times before 1970 and before 2000 are stored where history is imported', async () => {
  const times = ['1969-07-20T20:17:40.000001Z', '1999-12-31T23:59:59.999999Z', '2000-01-01T00:00:00Z'];
  const answer = await ingestion.ingest.submit({
    events: times.map((time, n) => ({
      ...samples.error,
      eventId: `old ${n}`,
      occurredAt: time,
      correlationId: 'old',
    })),
    source: 'import',
    correlationId: 'old',
    mayIngestFor: () => true,
    anyTime: true,
  });
  expect(answer.stored).toBe(3);
  const { rows } = await database.pool.query<{ at: string }>(
    `select to_char(occurred_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
     from analytics.events where correlation_id = 'old' order by occurred_at`,
  );
  expect(rows.map(({ at }) => at)).toEqual([...times.slice(0, 2), '2000-01-01T00:00:00.000000Z']);
});
