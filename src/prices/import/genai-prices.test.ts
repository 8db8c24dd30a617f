import { expect, test } from 'vitest';
import { readGenaiPrices } from './genai-prices.ts';

function read(...models: string[]) {
  return readGenaiPrices(`[{"id": "acme", "models": [${models.join()}]}]`);
}

function simple(id: string, prices: string): string {
  return `{"id": "${id}", "match": {"equals": "${id}"}, "prices": ${prices}}`;
}

test('a model has its price under its id and under the names of its rule', () => {
  const { prices, partial } = read(`{"id": "swift", "match": {"or": [{"equals": "swift-0901"},
    {"starts_with": "swift-v2"}, {"starts_with": "sw-"}, {"contains": "ift"}]},
    "prices": {"input_mtok": 0.1, "output_mtok": 12, "cache_read_mtok": 0.07, "cache_write_mtok": 3.75,
    "cache_write_1h_mtok": 6,
    "output_reasoning_mtok": 3, "requests_kcount": 12, "web_searches_kcount": 10}}`);
  const rates = {
    provider: 'acme',
    effectiveFrom: '1970-01-01',
    usdPerMillionInputTokens: 0.1,
    usdPerMillionOutputTokens: 12,
    usdPerMillionCacheReadTokens: 0.07,
    usdPerMillionCacheWriteTokens: 3.75,
    usdPerMillionCacheWriteHourTokens: 6,
    usdPerMillionReasoningTokens: 3,
    usdPerCall: 0.012,
  };
  expect(prices).toEqual(['swift', 'swift-0901', 'swift-v2'].map((model) => ({ ...rates, model })));
  expect(partial).toEqual([
    { name: 'acme / swift', reason: 'not imported: names by "contains", web_searches_kcount' },
  ]);
});

test('prices follow each other by date, and a tier gives every rate of the call', () => {
  const { prices } = read(
    simple(
      'swift',
      `[{"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 5}},
        {"prices": {"input_mtok": {"base": 5, "tiers": [{"start": 200000, "price": 10}]}, "output_mtok": 25}}]`,
    ),
  );
  expect(prices).toEqual([
    {
      provider: 'acme',
      model: 'swift',
      effectiveFrom: '1970-01-01',
      usdPerMillionInputTokens: 5,
      usdPerMillionOutputTokens: 25,
      tiers: [{ aboveInputTokens: 200_000, usdPerMillionInputTokens: 10, usdPerMillionOutputTokens: 25 }],
    },
    { provider: 'acme', model: 'swift', effectiveFrom: '2026-03-13', usdPerMillionInputTokens: 5 },
  ]);
});

test('the first model that claims a name has it', () => {
  const { prices, skipped } = read(
    simple('swift', '{"input_mtok": 1}'),
    simple('Swift', '{"input_mtok": 2}'),
  );
  expect(prices).toMatchObject([{ model: 'swift', usdPerMillionInputTokens: 1 }]);
  expect(skipped).toEqual([
    { name: 'acme / Swift', reason: expect.stringMatching(/earlier model/) as string },
  ]);
});

test.for([
  ['{}', /no price/],
  ['{"input_audio_mtok": 3}', /no price/],
  ['7', /not an object/],
  ['{"input_mtok": "5"}', /input_mtok must be a number/],
  ['{"input_mtok": -5}', /input_mtok is -5/],
  ['{"input_mtok": {"base": 5, "tiers": [{"start": 0.5, "price": 1}]}}', /start 0.5/],
  [
    '[{"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 1}}]',
    /time of day/,
  ],
] as const)('prices %s are reported, and the next model is imported', ([odd, reason]) => {
  const { prices, skipped } = read(simple('odd', odd), simple('good', '{"input_mtok": 1}'));
  expect(skipped).toEqual([{ name: 'acme / odd', reason: expect.stringMatching(reason) as string }]);
  expect(prices.map(({ model }) => model)).toEqual(['good']);
});

test('a provider without models and a model without an id are reported', () => {
  const list = readGenaiPrices('[{"id": "acme"}, {"id": "b", "models": [{"prices": {"input_mtok": 1}}]}]');
  expect(list.prices).toEqual([]);
  expect(list.skipped.map(({ name }) => name)).toEqual(['provider 0', 'b / model 0']);
});

test.for(['{}', 'x'])('the text %s is refused as a whole', (text) => {
  expect(() => readGenaiPrices(text)).toThrow(/the file is not/);
});
