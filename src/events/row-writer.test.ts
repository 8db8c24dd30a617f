import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AWKWARD } from '../../tests/support/events/event-samples.ts';
import {
  addedColumnNames,
  type ContentColumn,
  contentColumnNames,
  contentColumns,
  eventColumnNames,
} from './columns.ts';
import type { Row } from './event-type.ts';
import { type RowSpan, RowWriter, stampRow } from './row-writer.ts';

const POSTGRES_EPOCH = BigInt(Date.UTC(2000, 0, 1)) * 1_000n;

/** The fields of a row as PostgreSQL splits them: a count, then each field with its length or −1. */
function fieldsOf(bytes: Buffer, { start, end }: RowSpan): (Buffer | null)[] {
  let at = start + 2;
  const fields = Array.from({ length: bytes.readInt16BE(start) }, () => {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length === -1) return null;
    at += length;
    return bytes.subarray(at - length, at);
  });
  expect(at).toBe(end);
  return fields;
}

/** The value of a field, by the type of its column. */
function decode(column: ContentColumn, field: Buffer): string | bigint {
  switch (contentColumns[column]) {
    case 'text':
      return field.toString('utf8');
    case 'jsonb':
      expect(field[0]).toBe(1);
      return field.toString('utf8', 1);
    case 'uuid':
      expect(field).toHaveLength(16);
      return field.toString('hex');
    case 'smallint':
      return BigInt(field.readInt16BE());
    case 'timestamptz':
      return field.readBigInt64BE() + POSTGRES_EPOCH;
    default:
      return field.readBigInt64BE();
  }
}

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

function anyValue(column: ContentColumn): fc.Arbitrary<string | number> {
  switch (contentColumns[column]) {
    case 'text':
    case 'jsonb':
      return anyText;
    case 'uuid':
      return fc.uuid().map((uuid) => uuid.replaceAll('-', ''));
    case 'smallint':
      return fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 });
    case 'timestamptz':
      return fc.integer({ min: Date.UTC(1800) * 1_000, max: Date.UTC(2200) * 1_000 });
    default:
      return fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 32 - 1));
  }
}

const anyRow = fc.record(
  {
    ...(Object.fromEntries(contentColumnNames.map((column) => [column, anyValue(column)])) as Record<
      ContentColumn,
      fc.Arbitrary<string | number>
    >),
    cost_source: anyText,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Row>;

test('PostgreSQL reads every value back as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyRow, anyText), { minLength: 1, maxLength: 8 }), (rows) => {
      // So small that it has to grow, also in the middle of a row.
      const writer = new RowWriter(16);
      const spans = rows.map(([row, correlationId]) => writer.write(row, correlationId));
      const bytes = Buffer.from(writer.bytes);
      expect(spans.at(-1)?.end).toBe(bytes.length);
      for (const [position, [row, correlationId]] of rows.entries()) {
        const span = spans[position] as RowSpan;
        stampRow(bytes, span.end, 7 + position, {
          receivedAt: Date.UTC(2026, 0, 1) * 1_000 + 1,
          batchId: 2 ** 40,
        });
        const fields = fieldsOf(bytes, span);
        expect(fields).toHaveLength(eventColumnNames.length);
        for (const [place, column] of contentColumnNames.entries()) {
          const field = fields[place] ?? null;
          const sent = row[column];
          const read = field === null ? undefined : decode(column, field);
          expect(read).toEqual(typeof sent === 'number' ? BigInt(sent) : sent);
        }
        const [costSource, correlation, series, received, batch] = fields.slice(contentColumnNames.length);
        expect(addedColumnNames).toEqual(['cost_source']);
        expect(costSource?.toString('utf8')).toBe(row.cost_source);
        expect(correlation?.toString('utf8')).toBe(correlationId);
        expect(series?.readBigInt64BE()).toBe(BigInt(7 + position));
        expect(received?.readBigInt64BE()).toBe(BigInt(Date.UTC(2026, 0, 1)) * 1_000n + 1n - POSTGRES_EPOCH);
        expect(batch?.readBigInt64BE()).toBe(2n ** 40n);
      }
    }),
    { numRuns: 300 },
  );
});

test('a row that is taken back leaves no trace', () => {
  const written = (detour: (writer: RowWriter) => void): string => {
    const writer = new RowWriter(16);
    const before = writer.write({ org_id: 'before' }, 'x');
    detour(writer);
    const after = writer.write({ org_id: 'after' }, 'y');
    for (const { end } of [before, after]) stampRow(writer.bytes, end, 1, { receivedAt: 2, batchId: 3 });
    return writer.bytes.toString('hex');
  };
  const detour = (writer: RowWriter) =>
    writer.removeFrom(writer.write({ org_id: 'a', attributes: 'long '.repeat(20) }, 'another'));
  expect(written(detour)).toBe(written(() => {}));
});

test('a row that gets its cost later is the same as one that had it', () => {
  fc.assert(
    fc.property(anyRow, anyText, fc.nat(), ({ cost: _, ...row }, correlationId, cost) => {
      const [later, before] = [new RowWriter(16), new RowWriter(16)];
      for (const writer of [later, before]) writer.write({ org_id: 'another' }, 'x');
      const span = later.writeCost(later.write(row, correlationId), cost, 'table');
      expect(span).toEqual(before.write({ ...row, cost, cost_source: 'table' }, correlationId));
      for (const { bytes } of [later, before]) stampRow(bytes, span.end, 1, { receivedAt: 2, batchId: 3 });
      expect(later.bytes.subarray(span.start)).toEqual(before.bytes.subarray(span.start));
      expect(later.hash(span, 0n)).toBe(before.hash(span, 0n));
    }),
    { numRuns: 300 },
  );
});

describe('the content of a row', () => {
  const contentOf = (row: Row, correlationId = ''): string => {
    const writer = new RowWriter();
    writer.write({ org_id: 'before' }, AWKWARD);
    const { contentStart, contentEnd } = writer.write(row, correlationId);
    return writer.bytes.toString('hex', contentStart, contentEnd);
  };

  test('ends with its last value, so that a new column changes nothing for rows without it', () => {
    const [org, id] = ['acme', '0'.repeat(32)];
    expect(contentOf({ org_id: org, event_id: id })).toBe(
      `00000004${Buffer.from(org).toString('hex')}00000010${id}`,
    );
    expect(contentOf({ org_id: org, type: 'x' })).toBe(
      `00000004${Buffer.from(org).toString('hex')}ffffffff0000000178`,
    );
  });

  test('leaves out how the event reached us', () => {
    const row: Row = { org_id: 'acme', attributes: '{}' };
    expect(contentOf(row, 'one')).toBe(contentOf(row, 'another, longer'));
  });

  test('leaves out what Tidemark adds to the event', () => {
    expect(contentOf({ org_id: 'acme', cost_source: 'none' })).toBe(
      contentOf({ org_id: 'acme', cost_source: 'given' }),
    );
  });

  test('differs for every other row', () => {
    fc.assert(
      fc.property(anyRow, anyRow, (a, b) => {
        const same = contentColumnNames.every((column) => Object.is(a[column], b[column]));
        expect(contentOf(a) === contentOf(b)).toBe(same);
      }),
    );
    expect(contentOf({ model_id: 'x' })).not.toBe(contentOf({ client_id: 'x' }));
  });
});
