import { expect, test } from 'vitest';
import { PrometheusError, readAnswer, readSamples, readSeries } from './answer.ts';

function matrix(series: unknown) {
  return { resultType: 'matrix', result: [series] };
}

test('series are read with their times in milliseconds and numbers as Prometheus writes them', () => {
  const values = [
    [1_767_225_600.5, '1.5'],
    [1_767_225_660, 'NaN'],
    [1_767_225_720, '+Inf'],
  ];
  expect(readSeries(matrix({ metric: { le: '1' }, values }))).toEqual([
    {
      labels: { le: '1' },
      values: [
        { at: 1_767_225_600_500, value: 1.5 },
        { at: 1_767_225_660_000, value: Number.NaN },
        { at: 1_767_225_720_000, value: Number.POSITIVE_INFINITY },
      ],
    },
  ]);
});

test.for<[string, unknown]>([
  ['no values', { metric: {} }],
  ['values that are none', { metric: {}, values: [[0]] }],
  ['no labels', { values: [[0, '1']] }],
  ['text', 'series'],
])('a series of %s is refused', ([, series]) => {
  expect(() => readSeries(matrix(series))).toThrow(PrometheusError);
});

test('an expression over native histograms is refused for good, not tried again', () => {
  const histogram = { metric: {}, histograms: [[0, { count: '1', sum: '2' }]] };
  const refused = expect.objectContaining({
    message: expect.stringContaining('native histograms'),
    isRefusal: true,
  });
  expect(() => readSeries(matrix(histogram))).toThrow(refused);
  const sample = { metric: {}, histogram: [0, { count: '1' }] };
  expect(() => readSamples({ resultType: 'vector', result: [sample] })).toThrow(refused);
});

test('an answer to a range that is not a matrix is refused', () => {
  expect(() => readSeries({ resultType: 'vector', result: [] })).toThrow(PrometheusError);
});

test.for<[unknown, string, boolean]>([
  [{ status: 'error', errorType: 'bad_data', error: 'parse error' }, 'parse error', true],
  [{ status: 'error', errorType: 'timeout', error: 'too slow' }, 'too slow', false],
  [{ status: 'error', error: { code: 7 } }, 'answered 500', false],
  [{ status: 'success', data: [] }, 'answered what is no answer of Prometheus', false],
  ['{}', 'answered 500', false],
])('%j is an error: %s', ([answer, message, isRefusal]) => {
  expect(() => readAnswer(answer, 500)).toThrow(expect.objectContaining({ message, isRefusal }));
});
