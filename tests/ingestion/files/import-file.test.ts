import { describe, expect, test } from 'vitest';
import { ImportTally } from '../../../src/ingestion/files/tally.ts';
import type { Submission } from '../../../src/ingestion/ingest.ts';
import { rows, usage, useImports } from '../../support/events/imports.ts';

const { importText, ingestion, refused, stored } = useImports();

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

  test('is read line by line, and lines that are not events are returned', async () => {
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
      [4, expect.stringContaining('the line is not valid JSON: at position 8 ')],
      [5, expect.stringContaining('occurredAt must be an ISO 8601 date and time with its zone')],
      [6, expect.stringContaining('inputTokens must be a whole number')],
      [7, 'the line is longer than 1000000 bytes'],
    ]);
    expect(refused.at(-1)?.row).toHaveLength(1_000);
    expect(await stored(`attributes ->> 'eventId'`)).toEqual([null, 'mine']);
  });
});

describe('a row without an id', () => {
  const content = rows('2026-11-20 10:00,1', '2026-11-20 10:00,1', 'nonsense,2', '2026-11-20 10:01,3');

  test('counts once in any file, and so does each of its equal rows', async () => {
    expect(await importText('twice.csv', content)).toMatchObject({ received: 4, stored: 3, rejected: 1 });
    expect(await importText('twice.csv', content)).toMatchObject({ stored: 0, duplicates: 3, rejected: 1 });
    expect(await importText('other.csv', content)).toMatchObject({ stored: 0, duplicates: 3, rejected: 1 });
  });

  test('counts once in an export that grows at its top', async () => {
    await importText('usage.csv', rows('2026-11-20 10:00,1', '2026-11-20 09:00,2'));
    const grown = rows('2026-11-20 11:00,4', '2026-11-20 10:00,1', '2026-11-20 09:00,2');
    expect(await importText('usage.csv', grown)).toMatchObject({ stored: 1, duplicates: 2, conflicts: 0 });
    expect(await importText('usage.csv', grown)).toMatchObject({ stored: 0, duplicates: 3, conflicts: 0 });
    expect(await stored('input_tokens')).toEqual([2, 1, 4]);
  });

  test('counts as often as in the file that has it most often, when files overlap', async () => {
    await importText('first.csv', rows('2026-11-20 10:00,1', '2026-11-20 10:00,1', '2026-11-20 10:01,2'));
    const second = rows(
      '2026-11-20 10:01,2',
      '2026-11-20 10:00,1',
      '2026-11-20 10:02,3',
      '2026-11-20 10:01,2',
    );
    expect(await importText('second.csv', second)).toMatchObject({ stored: 2, duplicates: 2, conflicts: 0 });
    expect(await stored('input_tokens')).toEqual([1, 1, 2, 2, 3]);
  });

  test('is the same with its columns in another order, other unused columns, and another way to write its values', async () => {
    await importText('plain.csv', rows('2026-11-20 10:00,1'));
    const other = 'line,inputTokens,occurredAt\n17, 1.0 ,2026-11-20T11:00:00.000+01:00\n';
    expect(await importText('other.csv', other)).toMatchObject({ stored: 0, duplicates: 1 });
  });

  test('keeps its id when a bad row before it is corrected', async () => {
    await importText('mended.csv', content);
    const mended = content.replace('nonsense', '2026-11-20 10:00:30');
    expect(await importText('mended.csv', mended)).toMatchObject({ stored: 1, duplicates: 3, rejected: 0 });
  });

  test('is another row when its content differs', async () => {
    await importText('changed.csv', rows('2026-11-20 10:00,1', '2026-11-20 10:01,2'));
    const second = await importText('changed.csv', rows('2026-11-20 10:00,1', '2026-11-20 10:01,3'));
    expect(second).toMatchObject({ stored: 1, duplicates: 1, conflicts: 0 });
    expect(await stored('input_tokens')).toEqual([1, 2, 3]);
  });
});

describe('a row whose id is its position', () => {
  const rowIdentity = 'position' as const;

  test('that differs on its second import is a conflict, and returned', async () => {
    await importText('changed.csv', rows('2026-11-20 10:00,1', '2026-11-20 10:01,2'), { rowIdentity });
    const changed = rows('2026-11-20 10:00,1', '2026-11-20 10:01,3');
    const second = await importText('changed.csv', changed, { rowIdentity });
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

  test('gets an id for any length of file name, containing the name if there is room', async () => {
    const ten = rows(...Array.from({ length: 10 }, (_, row) => `2026-11-20 10:0${row},1`));
    const long = `${'n'.repeat(194)}.csv`;
    expect(await importText(long, ten, { rowIdentity })).toMatchObject({ stored: 10, rejected: 0 });
    expect(await stored(`attributes ->> 'eventId'`)).toEqual([
      ...Array.from({ length: 9 }, (_, row) => `${long}:${row + 1}`),
      expect.stringMatching(/^[0-9a-f]{64}:10$/),
    ]);
    expect(await importText(long, ten, { rowIdentity })).toMatchObject({ stored: 0, duplicates: 10 });
    expect(await importText(`${'n'.repeat(250)}.csv`, ten, { rowIdentity })).toMatchObject({ stored: 10 });
    expect(await importText(`${'m'.repeat(250)}.csv`, ten, { rowIdentity })).toMatchObject({ stored: 10 });
  });
});

describe('times', () => {
  const old = rows(
    '2023-11-16 18:17:03.5,1',
    '2023-11-16 19:17:03.25,2',
    '2023-11-16 19:00:00,3',
    'nonsense,4',
  );

  test('of more than 400 days ago are refused, unless any time is allowed', async () => {
    expect(await importText('old.csv', old)).toMatchObject({ stored: 0, rejected: 4 });
    expect(refused[0]?.reason).toBe('occurredAt must not be more than 400 days ago');
    expect(await importText('old.csv', old, { anyTime: true })).toMatchObject({ stored: 3, rejected: 1 });
  });

  test('are shifted so that the latest lands at the given time, with distances kept', async () => {
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
    await expect(importText('none.csv', rows('never,1'), { shiftTo: 0 })).rejects.toThrow(
      'the times cannot be shifted',
    );
  });
});

describe('a file of many rows', () => {
  const lineOf = (second: number) =>
    `${new Date(Date.UTC(2026, 10, 20, 3, 0, second)).toISOString()},${second}`;
  const many = rows(...Array.from({ length: 12_345 }, (_, second) => lineOf(second)));

  test('is counted whole, and submits a bounded number of rows at a time', async () => {
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

  test('returns all bad rows in their order', async () => {
    await importText('all-bad.csv', many.replaceAll('2026-', '2027-'));
    expect(refused.map(({ line }) => line)).toEqual(Array.from({ length: 12_345 }, (_, row) => row + 2));
  });

  test('stops when told to, and continues the next time', async () => {
    const stop = new AbortController();
    const first = await importText('stopped.csv', many, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(first.stored).toBe(5_000);
    expect(await importText('stopped.csv', many)).toMatchObject({ stored: 7_345, duplicates: 5_000 });
  });

  test('fails with its cause, and keeps the rows stored until then', async () => {
    const failing = { ...ingestion.ingest, submit: failAfterFirst() };
    const tally = new ImportTally();
    await expect(importText('failing.csv', many, { ingest: failing, tally })).rejects.toThrow(
      'the database is away',
    );
    expect(tally.counts).toMatchObject({ received: 5_000, stored: 5_000 });
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
