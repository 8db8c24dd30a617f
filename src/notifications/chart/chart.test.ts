import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeNotice } from '../../../tests/support/alerting/notices.ts';
import { type ChartValues, captionOf } from './chart-values.ts';
import { drawChart } from './draw-chart.ts';

const MINUTE = 60_000;
const start = Date.parse('2026-11-20T09:00:00Z');

function chart(values: (number | null)[], threshold: number | null = 0.05): ChartValues {
  return { points: values.map((value, index) => ({ at: start + index * MINUTE, value })), threshold };
}

/** The pixels of a PNG image with a palette. */
function decode(png: Buffer): { width: number; height: number; rows: Buffer[] } {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const data = png.subarray(png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8);
  const raw = inflateSync(data);
  expect(raw.length).toBe((width + 1) * height);
  const rows = Array.from({ length: height }, (_, row) =>
    raw.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)),
  );
  return { width, height, rows };
}

function rowsOf(rows: Buffer[], colour: number): number[] {
  return rows.flatMap((row, index) => (row.includes(colour) ? [index] : []));
}

test('a value above the threshold is drawn above its line', () => {
  const { rows } = decode(drawChart(chart([0.01, 0.02, 0.073])));
  const [line, threshold] = [rowsOf(rows, 1), rowsOf(rows, 3)];
  expect(Math.min(...line)).toBeLessThan(Math.min(...threshold));
  expect(Math.max(...line)).toBeGreaterThan(Math.max(...threshold));
});

test('any values give an image of the same size', () => {
  const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }));
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 80 }),
      fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true })),
      (values, threshold) => {
        expect(decode(drawChart(chart(values, threshold)))).toMatchObject({ width: 960, height: 280 });
      },
    ),
    { numRuns: 20 },
  );
});

test('the caption says what the chart shows, on the clock of the recipient', () => {
  expect(captionOf(makeNotice(), chart([0, null, 0.073]), 'Europe/Berlin')).toBe(
    'From 2026-11-20 10:00:00 +01:00 (Europe/Berlin) to 2026-11-20 10:02:00 +01:00 (Europe/Berlin), usage.error_rate was between 0 % and 7.3 %; the threshold is 5 %.',
  );
  expect(captionOf(makeNotice(), chart([null]))).toBeUndefined();
});
