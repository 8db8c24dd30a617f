import { expect, test } from 'vitest';
import { evidenceChart } from './evidence.ts';

const words = { value: 'Value', upper: 'Upper', lower: 'Lower', threshold: 'Threshold' };
const options = { pointSeconds: 60, end: '2026-11-03T14:02:00Z', words, colour: 'red' };

function point(minute: number, value: number | null, lower: number | null, upper: number | null) {
  return { at: `2026-11-03T14:0${minute}:00Z`, value, baseline: null, lower, upper };
}

test('a bound that stays is one threshold over the whole time', () => {
  const chart = evidenceChart([point(0, 1, null, 5), point(1, null, null, null)], options);
  expect(chart.series.map(({ label, values }) => [label, values])).toEqual([
    ['Value', [1, null]],
    ['Threshold', [5, 5]],
  ]);
  expect(chart.end).toBe(Date.parse('2026-11-03T14:02:00Z'));
});

test('bounds that move are a band', () => {
  const chart = evidenceChart([point(0, 1, 1, 5), point(1, 2, 2, 6)], options);
  expect(chart.series.map(({ label }) => label)).toEqual(['Value', 'Upper', 'Lower']);
});

test('a chart may leave its bounds to a line that can be dragged', () => {
  const chart = evidenceChart([point(0, 1, null, 5)], { ...options, hasBounds: false });
  expect(chart.series.map(({ label }) => label)).toEqual(['Value']);
});
