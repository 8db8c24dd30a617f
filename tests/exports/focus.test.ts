import { beforeAll, describe, expect, test } from 'vitest';
import { focusColumns } from '../../src/exports/datasets/focus-columns.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { exportRequest, type ReadDataset, readDataset } from './read-dataset.ts';

const database = useDatabase();
const now = Date.UTC(2026, 10, 18, 12);
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(9, now);
const october = { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 10, 1) };
const range = { start: Date.UTC(2026, 9, 20), end: Date.UTC(2026, 10, 19) };

function at(time: string) {
  return `2026-${time}Z`;
}

let daily: ReadDataset;
let hourly: ReadDataset;
let vantage: ReadDataset;

beforeAll(async () => {
  const big = { costEstimateCents: 99_999_999.1234567, inputTokens: 1_000_000_000_000, outputTokens: 7 };
  await ingestion.store(
    makeUsage({ occurredAt: at('10-20T00:00:00'), modelId: 'gpt-4o', clientId: 'chat', ...big }),
    makeUsage({ occurredAt: at('10-20T23:59:59.999'), modelId: 'gpt-4o', clientId: 'chat', ...big }),
    makeUsage({ occurredAt: at('10-31T23:00:00'), modelId: '=danger', status: 'timeout' }),
    makeUsage({ occurredAt: at('11-18T09:30:00'), modelId: 'a,"b"', costEstimateCents: 0.0000001 }),
    makeJob({
      occurredAt: at('11-17T09:30:00'),
      orgId: 'acme',
      pipeline: '3d',
      provider: 'tripo',
      costCents: 12.5,
    }),
    makeJob({ occurredAt: at('11-17T10:30:00'), orgId: 'acme', pipeline: '3d', provider: 'nobody' }),
    makeUsage({ occurredAt: at('11-17T10:30:00'), orgId: 'globex' }),
  );
  while ((await rollUp(database.pool)) > 0);
  await promoteAll(database.pool, grainNamed('hour'));
  await applyRetention({ ...usualRetention(database.pool), now });
  const request = exportRequest({ dataset: 'focus', range, raw: true });
  daily = await readDataset(database.pool, request, now);
  hourly = await readDataset(database.pool, { ...request, granularity: 'hourly' }, now);
  vantage = await readDataset(database.pool, { ...request, columns: 'vantage' }, now);
});

function everyCell(name: string): (string | null)[] {
  return [...daily.rows, ...hourly.rows].map((row) => row[name] ?? null);
}

const names = focusColumns.map(({ name }) => name);
const own = names.filter((name) => name.startsWith('x_'));
const timeColumns = focusColumns.filter(({ type }) => type === 'time').map(({ name }) => name);
const numeric = focusColumns
  .filter(({ type }) => type === 'decimal' || type === 'integer')
  .map(({ name }) => name);

/** Mandatory in 1.2 or 1.3, and never null there. */
const mandatory = [
  ...[
    'BilledCost',
    'BillingAccountId',
    'BillingCurrency',
    'BillingPeriodEnd',
    'BillingPeriodStart',
    'ChargeCategory',
  ],
  ...[
    'ChargePeriodEnd',
    'ChargePeriodStart',
    'ContractedCost',
    'EffectiveCost',
    'InvoiceIssuerName',
    'ListCost',
  ],
  ...[
    'ProviderName',
    'PublisherName',
    'ServiceCategory',
    'ServiceName',
    'ServiceProviderName',
    'HostProviderName',
  ],
];
/** Mandatory with nulls; or null only where a row is a correction. */
const mandatoryNullable = [
  'BillingAccountName',
  'ChargeClass',
  'ChargeDescription',
  'PricingQuantity',
  'PricingUnit',
];

describe('columns', () => {
  test.each([...mandatory, ...mandatoryNullable])('%s, which is mandatory, is there', (name) => {
    expect(names).toContain(name);
  });
  test.each(mandatory)('%s is never null', (name) => {
    expect(everyCell(name)).not.toContain(null);
  });
  test('FOCUS names are in PascalCase', () => {
    expect(names.filter((name) => !name.startsWith('x_') && !/^([A-Z][a-z]*)+$/.test(name))).toEqual([]);
  });
  test('own names begin with x_ and follow all others', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(names.slice(-own.length)).toEqual(own);
    expect(own.filter((name) => !/^x_([A-Z][a-z]*)+$/.test(name))).toEqual([]);
  });
  test('no name is there twice', () => {
    expect(new Set(names).size).toBe(names.length);
  });
  test('none that needs a published price list is there', () => {
    expect(names.filter((name) => /^Sku|UnitPrice$|^PricingCurrency|^CommitmentDiscount/.test(name))).toEqual(
      [],
    );
  });
  test('the file has exactly the columns, in their order', () => {
    expect(daily.text.split('\r\n')[0]).toBe(names.join(','));
  });
});

describe('values', () => {
  test.each(timeColumns)('%s has the time format, in UTC and whole seconds', (name) => {
    for (const cell of everyCell(name)) expect(cell).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
  test.each(numeric)('%s has the numeric format', (name) => {
    for (const cell of everyCell(name)) expect(cell).toMatch(/^-?\d+(\.\d+)?$/);
  });
  test('nothing is the empty text: what is not known is null', () => {
    expect(daily.text).not.toMatch(/(^|,)""(?=,|\r)/m);
    expect(daily.text.replaceAll(/"[^\r]*?"(?=,|\r)/g, '')).not.toMatch(
      /,(null|NULL|N\/A|undefined|NaN)(?=,|\r)/,
    );
  });
  test('money is exact beyond what a number can hold', () => {
    const row = daily.rows.find(({ x_ModelId }) => x_ModelId === 'gpt-4o');
    expect(row?.BilledCost).toBe('1999999.982469134');
    expect(row?.x_InputTokens).toBe('2000000000000');
    expect(daily.rows.find(({ x_ModelId }) => x_ModelId === 'a,"b"')?.BilledCost).toBe('0.000000001');
  });
  test.each(['EffectiveCost', 'ListCost', 'ContractedCost'])('%s is the billed cost', (name) => {
    expect(everyCell(name)).toEqual(everyCell('BilledCost'));
  });
  test('the currency is of ISO 4217', () => {
    for (const cell of everyCell('BillingCurrency')) expect(cell).toMatch(/^[A-Z]{3}$/);
  });
  test('the charge category is allowed', () => {
    expect(new Set(everyCell('ChargeCategory'))).toEqual(new Set(['Usage']));
  });
  test('the charge class is null, since nothing is corrected', () => {
    expect(new Set(everyCell('ChargeClass'))).toEqual(new Set([null]));
  });
  test('the charge frequency is allowed', () => {
    expect(new Set(everyCell('ChargeFrequency'))).toEqual(new Set(['Usage-Based']));
  });
  test('the service category and its subcategories are allowed', () => {
    expect(new Set(everyCell('ServiceCategory'))).toEqual(new Set(['AI and Machine Learning']));
    expect(new Set(everyCell('ServiceSubcategory'))).toEqual(new Set(['Generative AI', 'Machine Learning']));
  });
  test('units are capitalised plurals', () => {
    for (const cell of [...everyCell('ConsumedUnit'), ...everyCell('PricingUnit')])
      expect(cell).toMatch(/^[A-Z][a-z]+s$/);
  });
  test('pricing and consumption agree, and have both a quantity and a unit', () => {
    expect(everyCell('PricingQuantity')).toEqual(everyCell('ConsumedQuantity'));
    expect(everyCell('PricingUnit')).toEqual(everyCell('ConsumedUnit'));
    expect(everyCell('PricingQuantity')).not.toContain(null);
  });
  test('a resource has a name and a type, and a sub-account a name', () => {
    expect(everyCell('ResourceName')).toEqual(everyCell('ResourceId'));
    expect(everyCell('ResourceType')).not.toContain(null);
    expect(everyCell('SubAccountName')).toEqual(everyCell('SubAccountId'));
  });
  test('the provider is that of a job, and else the issuer', () => {
    expect(new Set(everyCell('ProviderName'))).toEqual(new Set(['Example Ltd', 'tripo', 'nobody']));
    expect(everyCell('ServiceProviderName')).toEqual(everyCell('ProviderName'));
  });
  test('only the org of the request is there', () => {
    expect(new Set(everyCell('BillingAccountId'))).toEqual(new Set(['acme']));
  });
});

describe('periods', () => {
  test('a billing period is the month of its charge, also at its last hour', () => {
    for (const { ChargePeriodStart, BillingPeriodStart, BillingPeriodEnd } of [
      ...daily.rows,
      ...hourly.rows,
    ]) {
      const inOctober = ChargePeriodStart?.startsWith('2026-10');
      expect(BillingPeriodStart).toBe(inOctober ? '2026-10-01T00:00:00Z' : '2026-11-01T00:00:00Z');
      expect(BillingPeriodEnd).toBe(inOctober ? '2026-11-01T00:00:00Z' : '2026-12-01T00:00:00Z');
    }
  });
  test('a charge period is a whole day, or a whole hour', () => {
    const length = ({ ChargePeriodStart: start, ChargePeriodEnd: end }: Record<string, string | null>) =>
      Date.parse(end ?? '') - Date.parse(start ?? '');
    expect(new Set(daily.rows.map(length))).toEqual(new Set([DAY]));
    expect(new Set(hourly.rows.map(length))).toEqual(new Set([DAY / 24]));
  });
});

test('the schema is described beside the file, and has the same id each time', async () => {
  const { focus } = daily.open.manifest as {
    focus: Record<string, unknown> & { ColumnDefinition: object[] };
  };
  expect(focus).toMatchObject({
    SchemaId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    ...{ FocusVersion: '1.2', DataGenerator: 'Tidemark', CreationDate: expect.stringMatching(/Z$/) },
  });
  expect(focus.ColumnDefinition).toHaveLength(names.length);
  expect(focus.ColumnDefinition[0]).toEqual({
    ...{ ColumnName: 'BilledCost', DataType: 'DECIMAL', NumericPrecision: 38, NumberScale: 9 },
  });
  expect(hourly.open.manifest).toEqual(daily.open.manifest);
  expect(vantage.open.manifest).not.toEqual(daily.open.manifest);
});

test('Vantage gets only columns that it accepts, with all that it requires', () => {
  const header = vantage.text.split('\r\n')[0]?.split(',') ?? [];
  expect(header).toEqual(
    expect.arrayContaining(['ChargeCategory', 'ChargePeriodStart', 'BilledCost', 'ServiceName']),
  );
  expect(
    header.filter(
      (name) => name.startsWith('x_') || /^(Billing|Charge)Class|BillingPeriod|Pricing/.test(name),
    ),
  ).toEqual([]);
});

describe('the file reconciles', () => {
  test('with rollups, raw events and the books of removed days', () => {
    expect(daily.reconciliation).toMatchObject({
      ...{ reconciles: true, bookedDays: ['2026-10-20', '2026-10-31'] },
      file: { events: '6', failed: '1', unpriced: '1' },
    });
    expect(daily.reconciliation?.raw).toEqual(daily.reconciliation?.file);
    expect(daily.reconciliation?.rollups).toEqual(daily.reconciliation?.file);
    expect(hourly.reconciliation).toEqual(daily.reconciliation);
  });
  test('with rollups alone for some models only', async () => {
    const request = exportRequest({ dataset: 'focus', range, models: ['gpt-4o'] });
    const { reconciliation, rows } = await readDataset(database.pool, request, now);
    expect(rows).toHaveLength(1);
    expect(reconciliation).toMatchObject({ reconciles: true, raw: null, file: { events: '2' } });
  });
  test('not if a book or a rollup is wrong by one', async () => {
    const request = exportRequest({ dataset: 'focus', range: october });
    await database.pool.query(`update analytics.daily_books set cost = cost + 1 where type = 'usage'`);
    expect((await readDataset(database.pool, request, now)).reconciliation?.reconciles).toBe(false);
    const usage = exportRequest({ dataset: 'usage', range: october });
    expect((await readDataset(database.pool, usage, now)).reconciliation?.reconciles).toBe(false);
    await database.pool.query(`update analytics.daily_books set cost = cost - 1 where type = 'usage'`);
    expect((await readDataset(database.pool, usage, now)).reconciliation).toMatchObject({ reconciles: true });
  });
});
