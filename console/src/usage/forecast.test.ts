import { expect, test } from 'vitest';
import { forecastOf } from './forecast.ts';

const DAY = 86_400_000;

test('a month is forecast from its average so far', () => {
  expect(forecastOf(20, 10 * DAY, 30 * DAY)).toBeCloseTo(60);
  expect(forecastOf(20, DAY, 31 * DAY)).toBeCloseTo(620);
});

test('there is no forecast from less than a day, nor from no cost', () => {
  expect(forecastOf(20, DAY - 1, 30 * DAY)).toBeUndefined();
  expect(forecastOf(20, 0, 30 * DAY)).toBeUndefined();
  expect(forecastOf(0, 10 * DAY, 30 * DAY)).toBeUndefined();
});
