import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ImportOptions, importFile, type RefusedRow } from '../src/ingestion/import-file.ts';
import type { Submission } from '../src/ingestion/ingest.ts';
import { useDatabase } from './support/database.ts';
import { useIngestion } from './support/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database, { now: () => Date.UTC(2026, 10, 20, 12) });
let folder: string;
let refused: RefusedRow[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-import-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  refused = [];
  await database.pool.query('truncate analytics.events, analytics.event_keys, analytics.event_conflicts');
});

const usage = new Map(
  Object.entries({
    orgId: 'acme',
    modelId: 'm',
    latencyMs: '5',
    status: 'success',
    outputTokens: '1',
    costEstimateCents: '0',
  }),
);

/** Imports `content` as a CSV file of times and tokens, unless told otherwise. */
const importText = async (name: string, content: string | Buffer, options: Partial<ImportOptions> = {}) => {
  const path = join(folder, name);
  await writeFile(path, content);
  return importFile({
    path,
    format: name.endsWith('.csv') ? 'csv' : 'ndjson',
    mapping: { map: new Map(), set: usage },
    ingest: ingestion.ingest,
    onRefused: (row) => void refused.push(row),
    ...options,
  });
};

const stored = async (columns: string): Promise<unknown[]> => {
  const { rows } = await database.pool.query({
    text: `select ${columns} from analytics.events order by occurred_at, input_tokens`,
    rowMode: 'array',
  });
  return rows.map((row: unknown[]) => (row.length === 1 ? row[0] : row));
};

const rows = (...lines: string[]) => ['occurredAt,inputTokens', ...lines].join('\n');

describe('a CSV file', () => {
  test('is read whatever its line ends, with a byte order mark and without a last line end', async () => {
    const content =
      '\uFEFFoccurredAt,inputTokens\r\n2026-11-20 10:00:00.1234567,1\r\n\r\n"2026-11-20T11:00:00+02:00","2"';
    expect(await importText('quirks.csv', content)).toEqual({
      received: 2,
      stored: 2,
      duplicates: 0,
      conflicts: 0,
      rejected: 0,
    });
    expect(await stored('occurred_at::text, input_tokens')).toEqual([
      ['2026-11-20 09:00:00+00', 2],
      ['2026-11-20 10:00:00.123456+00', 1],
    ]);
  });

  test('gives bad rows back as they were, with their line and the reason', async () => {
    const content = Buffer.concat([
      Buffer.from('occurredAt,inputTokens,actorId\r\n2026-11-20 10:00,1,ada\r\n2026-11-20 10:01,2\r\n'),
      Buffer.from('2026-11-20 10:02,-3,"a\r\nb"\r\n\r\n2026-11-20 10:03,4,x,y\r\n2026-02-30,5,ada\r\n'),
      Buffer.from('2026-11-20 10:04,6,\xe4\r\n2026-11-20 10:05,7,"she said ""hi"""', 'latin1'),
    ]);
    expect(await importText('bad.csv', content)).toMatchObject({ received: 7, stored: 2, rejected: 5 });
    expect(await stored('input_tokens, actor_id')).toEqual([
      [1, 'ada'],
      [7, 'she said "hi"'],
    ]);
    expect(refused).toEqual([
      {
        line: 3,
        code: 'invalid',
        reason: 'the row has 2 cells, and there are 3 columns',
        row: '2026-11-20 10:01,2',
      },
      {
        line: 5,
        code: 'invalid',
        reason: 'inputTokens must be a whole number from 0 to 1000000000000',
        row: '2026-11-20 10:02,-3,"a\r\nb"',
      },
      {
        line: 7,
        code: 'invalid',
        reason: 'the row has 4 cells, and there are 3 columns',
        row: '2026-11-20 10:03,4,x,y',
      },
      expect.objectContaining({ line: 8, reason: expect.stringContaining('occurredAt must be') }),
      expect.objectContaining({ line: 9, reason: 'the row is not UTF-8' }),
    ]);
  });

  test('that lacks a column it needs is refused before anything is stored', async () => {
    const mapping = { map: new Map([['occurredAt', 'TIME']]), set: usage };
    await expect(importText('columns.csv', rows('2026-11-20 10:00,1'), { mapping })).rejects.toThrow(
      'there is no column "TIME"; there are occurredAt, inputTokens',
    );
    await expect(importText('twice.csv', 'a,b,a\n1,2,3\n')).rejects.toThrow('two columns are called "a"');
    expect(await stored('1')).toEqual([]);
  });

  test('whose quotes do not close ends the import at that row', async () => {
    const content = rows('2026-11-20 10:00,1', '2026-11-20 10:01,"2', '2026-11-20 10:02,3');
    await expect(importText('quotes.csv', content)).rejects.toThrow('the row after line 2 does not end');
  });
});

describe('an NDJSON file', () => {
  const event = (occurredAt: string, inputTokens: unknown, more = {}) =>
    JSON.stringify({
      ...Object.fromEntries(usage),
      latencyMs: 5,
      outputTokens: 1,
      costEstimateCents: 0,
      occurredAt,
      inputTokens,
      ...more,
    });
  const mapping = { map: new Map<string, string>(), set: new Map<string, string>() };

  test('is read line by line; a line that is no event is given back', async () => {
    const content = [
      event('2026-11-20T10:00:00Z', 1),
      '',
      '[1]',
      '{"broken',
      event('2026-11-20 10:00:00', 2),
      event('2026-11-20T10:00:00Z', '3'),
      `"${'x'.repeat(1_000_001)}"`,
      event('2026-11-20T10:02:00Z', 7, { eventId: 'mine' }),
    ].join('\r\n');
    expect(await importText('events.ndjson', content, { mapping })).toMatchObject({
      received: 7,
      stored: 2,
      rejected: 5,
    });
    expect(refused.map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'the line is not a JSON object'],
      [4, expect.stringContaining('the line is not JSON: ')],
      [5, expect.stringContaining('occurredAt must be an ISO 8601 date and time with its zone')],
      [6, expect.stringContaining('inputTokens must be a whole number')],
      [7, 'the line is longer than 1000000 bytes'],
    ]);
    expect(refused.at(-1)?.row).toHaveLength(1_000);
    expect(await stored(`attributes ->> 'eventId'`)).toEqual(['events.ndjson:1', 'mine']);
  });
});

describe('a row without an id', () => {
  const content = rows('2026-11-20 10:00,1', '2026-11-20 10:00,1', 'nonsense,2', '2026-11-20 10:01,3');

  test('has one of its own: the same file counts once, equal rows of it each', async () => {
    expect(await importText('twice.csv', content)).toMatchObject({ received: 4, stored: 3, rejected: 1 });
    expect(await importText('twice.csv', content)).toMatchObject({ stored: 0, duplicates: 3, rejected: 1 });
    expect(await importText('other.csv', content)).toMatchObject({ stored: 3, duplicates: 0 });
  });

  test('keeps it when a bad row before it is mended', async () => {
    await importText('mended.csv', content);
    const mended = content.replace('nonsense', '2026-11-20 10:00:30');
    expect(await importText('mended.csv', mended)).toMatchObject({ stored: 1, duplicates: 3, rejected: 0 });
  });

  test('that says something else the second time is a conflict, and given back', async () => {
    await importText('changed.csv', rows('2026-11-20 10:00,1', '2026-11-20 10:01,2'));
    const second = await importText('changed.csv', rows('2026-11-20 10:00,1', '2026-11-20 10:01,3'));
    expect(second).toMatchObject({ stored: 0, duplicates: 1, conflicts: 1 });
    expect(refused).toEqual([
      {
        line: 3,
        code: 'conflict',
        reason: expect.stringContaining('already used'),
        row: '2026-11-20 10:01,3',
      },
    ]);
    expect(await stored('input_tokens')).toEqual([1, 2]);
  });
});

describe('times', () => {
  const old = rows(
    '2023-11-16 18:17:03.5,1',
    '2023-11-16 19:17:03.25,2',
    '2023-11-16 19:00:00,3',
    'nonsense,4',
  );

  test('of more than 400 days ago are refused, unless any time will do', async () => {
    expect(await importText('old.csv', old)).toMatchObject({ stored: 0, rejected: 4 });
    expect(refused[0]?.reason).toBe('occurredAt must not be more than 400 days ago');
    expect(await importText('old.csv', old, { anyTime: true })).toMatchObject({ stored: 3, rejected: 1 });
  });

  test('are shifted so that the latest lands where it should, and the others keep their distance', async () => {
    const shiftTo = Date.UTC(2026, 10, 20, 11) * 1_000;
    expect(await importText('shifted.csv', old, { shiftTo })).toMatchObject({ stored: 3, rejected: 1 });
    expect(await stored('occurred_at::text, input_tokens')).toEqual([
      ['2026-11-20 10:00:00.25+00', 1],
      ['2026-11-20 10:42:56.75+00', 3],
      ['2026-11-20 11:00:00+00', 2],
    ]);
    expect(await importText('shifted.csv', old, { shiftTo })).toMatchObject({ stored: 0, duplicates: 3 });
  });

  test('cannot be shifted when no row has one', async () => {
    await expect(importText('none.csv', rows('never,1'), { shiftTo: 0 })).rejects.toThrow('nothing to shift');
  });
});

describe('a file of many rows', () => {
  const lineOf = (second: number) =>
    `${new Date(Date.UTC(2026, 10, 20, 3, 0, second)).toISOString()},${second}`;
  const many = rows(...Array.from({ length: 12_345 }, (_, second) => lineOf(second)));

  test('is counted whole, and hands in a bounded number of rows at a time', async () => {
    let under = 0;
    let most = 0;
    const submit = async (submission: Submission) => {
      const handedIn = submission.events.length;
      under += handedIn;
      most = Math.max(most, under);
      const result = await ingestion.ingest.submit(submission);
      under -= handedIn;
      return result;
    };
    const bytes: number[] = [];
    const counts = await importText('many.csv', many, {
      ingest: { ...ingestion.ingest, submit },
      onProgress: (_, read) => void bytes.push(read),
    });
    expect(counts).toMatchObject({ received: 12_345, stored: 12_345 });
    expect(await stored('input_tokens')).toEqual(Array.from({ length: 12_345 }, (_, second) => second));
    expect(most).toBeLessThanOrEqual(10_000);
    expect(bytes.at(-1)).toBe(Buffer.byteLength(many));
  });

  test('gives all bad rows back, in their order', async () => {
    await importText('all-bad.csv', many.replaceAll('2026-', '2027-'));
    expect(refused.map(({ line }) => line)).toEqual(Array.from({ length: 12_345 }, (_, row) => row + 2));
  });

  test('stops when asked to, and goes on the next time', async () => {
    const stop = new AbortController();
    const first = await importText('stopped.csv', many, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(first.stored).toBe(5_000);
    expect(await importText('stopped.csv', many)).toMatchObject({ stored: 7_345, duplicates: 5_000 });
  });

  test('fails with its cause, and what was stored by then stays', async () => {
    const failing = { ...ingestion.ingest, submit: failAfterFirst() };
    await expect(importText('failing.csv', many, { ingest: failing })).rejects.toThrow(
      'the database is away',
    );
    expect(await stored('1')).toHaveLength(5_000);
  });

  const failAfterFirst = () => {
    let calls = 0;
    return async (submission: Submission) => {
      if (++calls > 1) throw new Error('the database is away');
      return ingestion.ingest.submit(submission);
    };
  };
});
