import { expect, test } from 'vitest';
import { CodedError } from '../errors.ts';
import { knownModelPrices } from './models/known-models.ts';
import { readPriceFile, writePriceFile } from './price-file.ts';

const FILE = `prices:
  - provider: replicate
    pipeline: 3d
    effectiveFrom: 2026-01-01
    centsPerSecond: 0.14
modelPrices:
  - provider: acme
    model: swift-1
    effectiveFrom: 2026-01-01
    usdPerMillionInputTokens: 0.123456789
    tiers:
      - aboveInputTokens: 200000
        usdPerMillionInputTokens: 2
  - provider: acme
    model: '2026'
    serviceTier: batch
    effectiveFrom: '2026-01-01T10:00:00.000Z'
    effectiveTo: 2027-01-01
    usdPerCall: 0.5
modelAliases:
  - provider: acme.cloud
    asProvider: acme
  - provider: acme.cloud
    model: mine
    asProvider: acme
    asModel: swift-1
`;

test('a file is written as it is read, in YAML and in JSON', () => {
  const file = readPriceFile(FILE);
  expect([file.prices, file.modelPrices, file.modelAliases].map(({ length }) => length)).toEqual([1, 2, 2]);
  for (const as of ['yaml', 'json'] as const) {
    const written = writePriceFile(file, as);
    expect(readPriceFile(written)).toEqual(file);
    expect(writePriceFile(readPriceFile(written), as)).toBe(written);
  }
  expect(JSON.parse(writePriceFile(file, 'json')).modelPrices[1]).toEqual({
    ...{ provider: 'acme', model: '2026', serviceTier: 'batch', usdPerCall: 0.5 },
    ...{ effectiveFrom: '2026-01-01T10:00:00.000Z', effectiveTo: '2027-01-01' },
  });
});

test('the prices that ship are written and read like others', () => {
  const file = { prices: [], modelPrices: knownModelPrices(), modelAliases: [] };
  expect(readPriceFile(writePriceFile(file, 'yaml'))).toEqual(file);
});

test.for([
  [`${FILE}models: []`, '$.models', 'is no part of a price file'],
  ['modelPrices: 7', '$.modelPrices', 'must be a list'],
  ['a: 1', '$.prices', 'must be a list of prices; so may modelPrices and modelAliases'],
  [FILE.replace('asProvider: acme', 'asProvider: 3'), '$.modelAliases[0].asProvider', 'must be'],
  [FILE.replace('usdPerCall', 'usdPerCal'), '$.modelPrices[1].usdPerCal', 'is not a field'],
  [
    FILE.replace('model: mine', 'model: null').replace('asModel: swift-1', ''),
    '$.modelAliases[1].provider',
    'is the same as that of modelAliases[0]',
  ],
] as const)('a fault is named by its place: %s', ([text, path, message]) => {
  let faults: CodedError['faults'] = [];
  try {
    readPriceFile(text);
  } catch (error) {
    if (error instanceof CodedError) faults = error.faults;
  }
  expect(faults).toContainEqual({ path, message: expect.stringContaining(message) });
});
