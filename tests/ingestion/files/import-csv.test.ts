import { describe, expect, test } from 'vitest';
import { ImportTally } from '../../../src/ingestion/files/tally.ts';
import { rows, usage, useImports } from '../../support/events/imports.ts';

const { importText, refused, stored } = useImports();

describe('a CSV file', () => {
  test('is read with any line ends, a byte order mark, and without a last line end', async () => {
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

  test('returns bad rows as they were, with their line and the reason', async () => {
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
        reason: 'the row has 2 cells; the file has 3 columns',
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
        reason: 'the row has 4 cells; the file has 3 columns',
        row: '2026-11-20 10:03,4,x,y',
      },
      expect.objectContaining({ line: 8, reason: expect.stringContaining('occurredAt must be') }),
      expect.objectContaining({ line: 9, reason: 'the row is not UTF-8' }),
    ]);
  });

  test('may have spaces around its names, cells and quotes', async () => {
    const content = [
      ' occurredAt ,inputTokens, actorId\t',
      '2026-11-20 10:00, 1 , "ada"',
      '"2026-11-20 10:01" ,2,"ada" ',
      '2026-11-20 10:02,"3","lin, eve" ',
      '2026-11-20 10:03,4,ada \t',
      '2026-11-20 10:04,5,"she said ""hi"""',
    ].join('\n');
    expect(await importText('spaces.csv', content)).toMatchObject({ stored: 5, rejected: 0 });
    expect(await stored('actor_id')).toEqual(['ada', 'ada', 'lin, eve', 'ada', 'she said "hi"']);
    const mapping = { map: new Map([['actorId', ' who ']]), set: usage };
    const mapped = 'occurredAt,inputTokens, who\n2026-11-20 10:05,6,bo\n';
    expect(await importText('mapped.csv', mapped, { mapping })).toMatchObject({ stored: 1 });
  });

  test('may have columns without a name, which are named as ignored', async () => {
    const tally = new ImportTally();
    const content =
      ',occurredAt,inputTokens,,\n0,2026-11-20 10:00,1,,\n1,2026-11-20 10:01,2\n2,2026-11-20 10:02,3,,,,\n';
    expect(await importText('unnamed.csv', content, { tally })).toMatchObject({ stored: 3, rejected: 0 });
    expect(tally.unusedColumns).toEqual(
      [1, 4, 5].map((number) => ({ column: `column ${number}`, reason: 'has no name' })),
    );
  });

  test('has every unused column named, with the field that may be meant', async () => {
    const tally = new ImportTally();
    const warned: unknown[] = [];
    const content = [
      'occurredAt,inputTokens,cachedInputToken, clientId ,shoe size,orgId,actor_id',
      '2026-11-20 10:00,9,800,app,44,other,ada',
    ].join('\n');
    const onUnused = (columns: readonly unknown[]) => void warned.push(...columns);
    expect(await importText('misspelt.csv', content, { tally, onUnused })).toMatchObject({ stored: 1 });
    expect(await stored('org_id, client_id')).toEqual([['acme', 'app']]);
    expect(tally.unusedColumns).toEqual([
      { column: '"cachedInputToken"', reason: 'did you mean cachedInputTokens?' },
      { column: '"shoe size"', reason: 'is not a field of an event' },
      { column: '"orgId"', reason: 'is given by --set' },
      { column: '"actor_id"', reason: 'did you mean actorId?' },
    ]);
    expect(warned).toEqual(tally.unusedColumns);
  });

  test.each([
    ['utf8', ''],
    ['utf8', '\uFEFF'],
    ['utf16le', ''],
    ['utf16le', '\uFEFF'],
    ['utf16be', ''],
    ['utf16be', '\uFEFF'],
  ] as const)('is read in %s that begins with "%s" and names its delimiter', async (encoding, mark) => {
    const text = `${mark}sep=;\r\n${rows('2026-11-20 10:00,1', 'never,ü').replaceAll(',', ';')}`;
    const bytes = Buffer.from(text, encoding === 'utf8' ? 'utf8' : 'utf16le');
    if (encoding === 'utf16be') bytes.swap16();
    expect(await importText('encoded.csv', bytes)).toMatchObject({ stored: 1, rejected: 1 });
    expect(refused).toMatchObject([{ line: 4, row: 'never;ü' }]);
  });

  test('without a required column is refused before any row is stored', async () => {
    const mapping = { map: new Map([['occurredAt', 'TIME']]), set: usage };
    await expect(importText('columns.csv', rows('2026-11-20 10:00,1'), { mapping })).rejects.toThrow(
      'there is no column "TIME"; the columns are occurredAt, inputTokens',
    );
    await expect(importText('twice.csv', 'a,b,a\n1,2,3\n')).rejects.toThrow('two columns are called "a"');
    expect(await stored('1')).toEqual([]);
  });

  test.each([
    [';', 'semicolons'],
    ['\t', 'tabs'],
    ['|', 'bars'],
  ])('may have %j between its columns if the delimiter is given', async (delimiter, called) => {
    const content = rows('2026-11-20 10:00,1', '"2026-11-20 10:01",2').replaceAll(',', delimiter);
    await expect(importText('delimited.csv', content)).rejects.toThrow(`if ${called} separate the columns`);
    expect(await importText('delimited.csv', content, { delimiter })).toMatchObject({
      stored: 2,
      rejected: 0,
    });
  });

  test('may have one column with a semicolon in its name if the delimiter is given', async () => {
    const mapping = {
      map: new Map([['inputTokens', 'a;b']]),
      set: new Map([...usage, ['occurredAt', '2026-11-20 10:00']]),
    };
    expect(await importText('one.csv', 'a;b\n7\n', { mapping, delimiter: ',' })).toMatchObject({ stored: 1 });
  });

  test.each([
    ['to its end', ''],
    ['for too long', `${'x'.repeat(99)}\n`.repeat(11_000)],
  ])('with an unclosed quote %s ends the import at that row, and earlier rows count', async (_, more) => {
    const tally = new ImportTally();
    const content = rows('2026-11-20 10:00,1', '2026-11-20 10:01,"2', `2026-11-20 10:02,3\n${more}`);
    await expect(importText('quotes.csv', content, { tally })).rejects.toThrow(
      'the row after line 2 does not end',
    );
    expect(tally.counts).toMatchObject({ received: 1, stored: 1 });
    expect(await stored('input_tokens')).toEqual([1]);
  });

  test('is read on after a row that is too long', async () => {
    const long = 'x'.repeat(1_000_001);
    const content = [
      'occurredAt,inputTokens,actorId',
      '2026-11-20 10:00,1,ada',
      `2026-11-20 10:01,2,${long}`,
      `2026-11-20 10:02,3,"${long}, ""quoted"""`,
      '2026-11-20 10:03,4,"two',
      'lines"',
      `2026-11-20 10:04,5,"two\r\n${long}"`,
      '2026-11-20 10:05,6,ada',
    ];
    expect(await importText('long.csv', content.join('\n'))).toMatchObject({
      received: 6,
      stored: 3,
      rejected: 3,
    });
    expect(await stored('input_tokens')).toEqual([1, 4, 6]);
    expect(refused.map(({ line, reason }) => [line, reason])).toEqual(
      [3, 4, 8].map((line) => [line, 'the row has a line longer than 1000000 bytes']),
    );
    expect(refused[0]?.row).toMatch(/^2026-11-20 10:01,2,x{900,1000}$/);
    await expect(importText('header.csv', `${long}\n1\n`)).rejects.toThrow('the first row has a line longer');
  });
});
