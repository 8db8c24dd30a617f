import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import type { Cell, Column } from './columns.ts';
import { csvLines } from './csv.ts';
import { ndjsonLines } from './ndjson.ts';

const columns: Column[] = [
  { name: 'id', type: 'text' },
  { name: 'count', type: 'integer' },
  { name: 'cost', type: 'decimal' },
  { name: 'at', type: 'time' },
  { name: 'ok', type: 'boolean' },
  { name: 'metadata', type: 'json' },
];

function line(row: Cell[], protectFormulas = true): string {
  return csvLines(columns, { protectFormulas }).line(row);
}

/** The cell of one text. */
function text(value: string | null, protectFormulas = true): string {
  return csvLines([{ name: 'a', type: 'text' }], { protectFormulas })
    .line([value])
    .slice(0, -2);
}

test('a file has a header, and CRLF after each line', () => {
  const { header, line: lineOf } = csvLines(columns, { protectFormulas: true });
  expect(header).toBe('id,count,cost,at,ok,metadata\r\n');
  expect(lineOf(['a', 1, '0.50', new Date(0), true, '{"k":"v"}'])).toBe(
    'a,1,0.50,1970-01-01T00:00:00Z,true,"{""k"":""v""}"\r\n',
  );
});

test('null is empty, and the empty text is two quotes', () => {
  expect(line([null, null, null, null, null, null])).toBe(',,,,,\r\n');
  expect(text('')).toBe('""');
});

test('commas, quotes and line ends are quoted, and nothing else is', () => {
  expect([
    text('a,b'),
    text('a"b'),
    text('a\nb'),
    text('a\rb'),
    text(' a '),
    text("a'b"),
    text('ä漢'),
  ]).toEqual(['"a,b"', '"a""b"', '"a\nb"', '"a\rb"', ' a ', "a'b", 'ä漢']);
});

describe('formula protection', () => {
  const starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

  test.each(starts)('a text that begins with %j gets an apostrophe', (start) => {
    const value = `${start}HYPERLINK("x","y")`;
    expect(parse(text(value), { quote: '"' })).toEqual([[`'${value}`]]);
    expect(parse(text(value, false), { quote: '"' })).toEqual([[value]]);
  });

  test('a text with such a character further on stays', () => {
    expect([text('a=b'), text("'=1"), text(' =1')]).toEqual(['a=b', "'=1", ' =1']);
  });

  test('numbers are never touched', () => {
    expect(line(['x', -5, -0.25, null, null, null])).toBe('x,-5,-0.25,,,\r\n');
    expect(line(['x', -5n, '-12.000000001', null, null, null])).toBe('x,-5,-12.000000001,,,\r\n');
  });
});

test('numbers have a point and never an exponent', () => {
  const decimal = (value: Cell) => line([null, null, value, null, null, null]).slice(2, -5);
  expect([decimal(1e-7), decimal(0.1), decimal(1e21), decimal(123_456.5)]).toEqual([
    '0.0000001',
    '0.1',
    '1000000000000000000000',
    '123456.5',
  ]);
  expect(() => decimal(Number.NaN)).toThrow(RangeError);
});

test('a whole number keeps all its digits', () => {
  expect(line([null, 9_007_199_254_740_993n, null, null, null, null])).toBe(',9007199254740993,,,,\r\n');
});

test('a time has no zeros at the end of its fraction', () => {
  const at = (value: Cell) => line([null, null, null, value, null, null]).slice(3, -4);
  expect([
    at('2026-11-03T14:00:00.000Z'),
    at('2026-11-03T14:00:00.120000Z'),
    at('2026-11-03T14:00:00Z'),
    at(new Date('2026-11-03T14:00:10.001Z')),
  ]).toEqual([
    '2026-11-03T14:00:00Z',
    '2026-11-03T14:00:00.12Z',
    '2026-11-03T14:00:00Z',
    '2026-11-03T14:00:10.001Z',
  ]);
});

test('a line of NDJSON is the row as an object', () => {
  const toLine = ndjsonLines(columns);
  const written = toLine(['=1', 9_007_199_254_740_993n, '0.10', new Date(0), false, '{"k":["v"]}']);
  expect(written).toBe(
    '{"id":"=1","count":9007199254740993,"cost":"0.10","at":"1970-01-01T00:00:00Z","ok":false,"metadata":{"k":["v"]}}\n',
  );
  expect(JSON.parse(toLine(['a', 1, 0.5, null, null, null]))).toEqual({
    ...{ id: 'a', count: 1, cost: 0.5, at: null, ok: null, metadata: null },
  });
});
