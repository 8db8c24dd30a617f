import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue, eventTypes, publicTypes } from './catalogue.ts';
import {
  addedColumns,
  contentColumns,
  deliveryColumns,
  dimensionColumns,
  eventColumnNames,
} from './columns.ts';
import { dimensionsOf, metricsOf } from './event-type.ts';

/** The schema as the migrations leave it. */
const schema = readFileSync(new URL('../database/schema/schema.sql', import.meta.url), 'utf8');
const typeNames: Record<string, string> = { 'timestamp with time zone': 'timestamptz' };

/** The columns of a table, each with its type. */
function columnsOf(table: string): Record<string, string> {
  const body = schema.split(`create table analytics.${table} (`)[1]?.split('\n)')[0] ?? '';
  const columns = body.matchAll(/^ {2}(\w+) (text|uuid|timestamp with time zone|bigint|smallint|jsonb)\b/gm);
  return Object.fromEntries([...columns].map(([, name = '', type = '']) => [name, typeNames[type] ?? type]));
}

describe('the columns in which rows are written', () => {
  test('have the names and types of those of the table', () => {
    expect(columnsOf('events')).toEqual({ ...contentColumns, ...addedColumns, ...deliveryColumns });
    expect(eventColumnNames).toEqual(
      [contentColumns, addedColumns, deliveryColumns].flatMap((columns) => Object.keys(columns)),
    );
  });

  test('exist in the table of series too, if they are dimensions', () => {
    expect(Object.keys(columnsOf('series'))).toEqual(expect.arrayContaining([...dimensionColumns]));
  });
});

describe.each(catalogue.map((definition) => [definition.type, definition] as const))(
  '%s',
  (_, definition) => {
    const fields = Object.entries(definition.fields);

    test('stores each field in a column of its own, or in none', () => {
      const used = fields.flatMap(([, { column, insteadOf }]) => (column && !insteadOf ? [column] : []));
      expect(new Set(used).size).toBe(used.length);
      for (const column of used) expect(contentColumns).toHaveProperty(column);
      for (const [, { column, insteadOf }] of fields)
        if (insteadOf) expect(definition.fields[insteadOf]?.column).toBe(column);
    });

    test('groups rollups by columns that the table of series has', () => {
      for (const [, field] of fields) {
        if (field.dimension) expect(dimensionColumns).toContain(field.column);
      }
      expect(new Set(dimensionsOf(definition)).size).toBe(dimensionsOf(definition).length);
    });

    test('describes itself and each of its fields', () => {
      expect(definition.title).toMatch(/^[A-Z]/);
      expect(definition.about).toMatch(/\.$/);
      for (const [name, field] of fields) {
        expect(name).toMatch(/^[a-z][A-Za-z]+$/);
        expect(field.about.length).toBeGreaterThan(5);
        expect(field.jsonSchema).toHaveProperty('type');
      }
    });

    test('is priced by dimensions and columns of its own, if it is priced', () => {
      const { pricing } = definition;
      if (!pricing) return;
      const columnsOfType = new Map(fields.map(([, field]) => [field.column, field]));
      for (const column of Object.values(pricing.scope)) expect(dimensionsOf(definition)).toContain(column);
      for (const column of Object.values(pricing.quantities)) expect(columnsOfType.has(column)).toBe(true);
      expect(columnsOfType.get('cost')?.optional).toBe(true);
      expect(dimensionsOf(definition)).toContain('cost_source');
    });

    test('counts as failures, or as neither, only values that its status can have', () => {
      const status = definition.fields.status?.jsonSchema.enum as string[] | undefined;
      const { failures, undecided = [] } = definition;
      expect(undecided.filter((one) => failures.includes(one))).toEqual([]);
      for (const one of [...failures, ...undecided]) {
        if (status) expect(status).toContain(one);
        else expect(definition.derivedDimensions).toContain('status');
      }
    });
  },
);

test('every metric has one name, and every name means one metric', () => {
  const names = catalogue.flatMap(metricsOf);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z_]+\.[a-z0-9_]+$/);
});

test('a type has the metrics of what it measures', () => {
  const named = (type: string) => metricsOf(eventTypes.get(type) ?? expect.fail(type));
  expect(named('usage')).toEqual([
    'usage.count',
    'usage.errors',
    'usage.error_rate',
    'usage.success_rate',
    'usage.latency_avg',
    'usage.latency_min',
    'usage.latency_max',
    'usage.latency_p50',
    'usage.latency_p95',
    'usage.latency_p99',
    'usage.input_tokens',
    'usage.output_tokens',
    'usage.cached_input_tokens',
    'usage.cache_write_tokens',
    'usage.reasoning_tokens',
    'usage.cost',
  ]);
  expect(named('order')).toEqual([
    'business.count',
    'business.revenue',
    'business.revenue_avg',
    'business.revenue_min',
    'business.revenue_max',
    'business.revenue_p50',
    'business.revenue_p95',
    'business.revenue_p99',
  ]);
  expect(named('inventory')).toEqual(['inventory.count', 'inventory.quantity']);
});

test('the names of types are unique, and clients cannot send types that Tidemark writes itself', () => {
  expect(eventTypes.size).toBe(catalogue.length);
  expect(publicTypes.map(({ type }) => type)).toEqual([
    'usage',
    'api_request',
    'ml_job',
    'order',
    'storefront',
    'inventory',
    'error',
  ]);
});
