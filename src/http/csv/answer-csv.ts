import type { JsonObject } from '../../events/json-object.ts';
import type { Cell, Column } from '../../exports/writing/columns.ts';
import { BYTE_ORDER_MARK, csvLines } from '../../exports/writing/csv.ts';
import type { CsvChoices } from '../fields/csv-parameters.ts';
import type { CsvTable } from './csv-table.ts';
import { columnsOf, type PlacedColumn, type Schema, valueAt, withoutNull } from './schema-columns.ts';

/** A table of an answer as CSV. */
export interface AnswerCsv {
  text: string;
  /** Entries of the list that the table is made of. */
  rows: number;
  /** All entries that there are, if the answer may have a part of them. */
  matched: number | undefined;
}

/**
 * One table of an answer as CSV. It is made from the same object that would be sent as JSON, so both have the same numbers.
 * @param schema the schema of the answer
 */
export function answerCsv(
  answer: JsonObject,
  { table, schema, choices }: { table: CsvTable; schema: Schema; choices: CsvChoices },
): AnswerCsv {
  const { rows, rowSchema } = rowsOf(answer, table, schema);
  const columns = [...orgColumn(answer, table), ...columnsOf(rowSchema, rows)];
  const { header, line } = csvLines(columns, { protectFormulas: choices.raw !== true });
  let text = choices.bom === true ? BYTE_ORDER_MARK + header : header;
  for (const row of rows) text += line(columns.map((column) => cellOf(row, answer, column)));
  return { text, ...countsOf(answer, table) };
}

/** Entries of the list, which are fewer than the rows if each has several. */
function countsOf(answer: JsonObject, { rows, total }: CsvTable): Pick<AnswerCsv, 'rows' | 'matched'> {
  const list = rows === undefined ? answer : answer[rows];
  const matched = total === undefined ? undefined : answer[total];
  return {
    rows: Array.isArray(list) ? list.length : 1,
    matched: typeof matched === 'number' ? matched : undefined,
  };
}

/** The org of the answer comes first, so that the files of several orgs can be put together. */
const ORG = { name: 'org_id', type: 'text', path: ['orgId'] } as const satisfies PlacedColumn;

function orgColumn(answer: JsonObject, { rows }: CsvTable): PlacedColumn[] {
  return rows !== undefined && Object.hasOwn(answer, 'orgId') && !rowsHaveOrg(answer[rows]) ? [ORG] : [];
}

function rowsHaveOrg(rows: unknown): boolean {
  return Array.isArray(rows) && rows.some((row) => Object.hasOwn(row as object, 'orgId'));
}

interface Rows {
  rows: JsonObject[];
  rowSchema: Schema;
}

function rowsOf(answer: JsonObject, table: CsvTable, schema: Schema): Rows {
  const found: Rows =
    table.rows === undefined
      ? { rows: [answer], rowSchema: schema }
      : listOf(answer[table.rows], withoutNull(schema.properties?.[table.rows] ?? {}));
  const left = without(found, table.omit ?? []);
  const flat = table.lift === undefined ? left : lifted(left, table.lift);
  return table.expand === undefined ? flat : expanded(flat, table.expand);
}

/** A list that is missing has no rows, and one object is a list of one. */
function listOf(value: unknown, schema: Schema): Rows {
  const rows = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return { rows: rows as JsonObject[], rowSchema: schema.items ?? schema };
}

function without({ rows, rowSchema }: Rows, omit: readonly string[]): Rows {
  const properties = Object.entries(rowSchema.properties ?? {}).filter(([name]) => !omit.includes(name));
  return { rows, rowSchema: { ...rowSchema, properties: Object.fromEntries(properties) } };
}

/** The fields of an object in the row, as those of the row. */
function lifted({ rows, rowSchema }: Rows, field: string): Rows {
  const { [field]: object, ...others } = rowSchema.properties ?? {};
  return {
    rows: rows.map((row) => ({ ...row, ...(row[field] as JsonObject) })),
    rowSchema: {
      properties: { ...others, ...object?.properties },
      required: [...(rowSchema.required ?? []), ...(object?.required ?? [])],
    },
  };
}

/** A row for each entry of a list in the row, with the fields of both. A row whose list is empty stays, without them. */
function expanded({ rows, rowSchema }: Rows, field: string): Rows {
  const { [field]: list, ...others } = rowSchema.properties ?? {};
  const entry = withoutNull(list ?? {}).items ?? {};
  return {
    rows: rows.flatMap((row) => {
      const entries = row[field] as JsonObject[];
      return entries.length === 0 ? [row] : entries.map((each) => ({ ...row, ...each }));
    }),
    rowSchema: {
      properties: { ...others, ...entry.properties },
      required: [...(rowSchema.required ?? []), ...(entry.required ?? [])],
    },
  };
}

function cellOf(row: JsonObject, answer: JsonObject, { path, type }: PlacedColumn): Cell {
  const value = valueAt(path === ORG.path ? answer : row, path) ?? null;
  return value !== null && isJson(type, value) ? JSON.stringify(value) : (value as Cell);
}

function isJson(type: Column['type'], value: unknown): boolean {
  return type === 'json' || typeof value === 'object';
}
