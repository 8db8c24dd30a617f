import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { type TObject, type TProperties, Type } from 'typebox';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { JsonObject } from '../../events/json-object.ts';
import { fileName } from '../../exports/writing/file-name.ts';
import { type CsvChoices, csvParameters } from '../fields/csv-parameters.ts';
import { refuseParameter } from '../fields/query-parameters.ts';
import { answerCsv } from './answer-csv.ts';
import type { CsvTables } from './csv-table.ts';
import type { Schema } from './schema-columns.ts';
import { prefersCsv } from './wants-csv.ts';

/** The parameters that this file adds to a query. */
interface CsvQuery extends CsvChoices {
  format?: 'json' | 'csv';
  table?: string;
}

const CONTENT_TYPE = 'text/csv; charset=utf-8; header=present';

/**
 * Lets the routes that name the tables of their answer (`config.csv`) also answer in CSV, for `Accept: text/csv` or
 * `format=csv`. The handler computes the same answer for both.
 */
export function answerAsCsv(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const tables = route.config?.csv;
    // A HEAD route gets the handler and the schema of its GET route.
    if (tables === undefined || route.method === 'HEAD') return;
    const schema = schemaOfAnswer(route);
    route.schema = describeCsv(route, tables);
    const { handler } = route;
    route.handler = async function answerInFormat(request, reply) {
      const { query, choices } = splitQuery(request.query as CsvQuery & Record<string, unknown>);
      const wanted = chosenTable(tables, choices, request);
      request.query = query;
      reply.header('vary', 'Accept');
      const answer = (await handler.call(this, request, reply)) as JsonObject;
      return wanted === undefined ? answer : sendCsv(reply, answer, { tables, wanted, schema, choices });
    };
  });
}

function splitQuery({ format, table, bom, raw, ...query }: CsvQuery & Record<string, unknown>) {
  return { query, choices: { format, table, bom, raw } };
}

/** The name of the table to send; `undefined` for JSON. A parameter of CSV beside JSON would be ignored, so it is refused. */
function chosenTable(
  tables: CsvTables,
  { format, ...others }: Partial<Record<keyof CsvQuery, unknown>>,
  { headers }: FastifyRequest,
): string | undefined {
  const { table = Object.keys(tables)[0] } = others;
  if (format === 'csv' || (format === undefined && prefersCsv(headers.accept))) return String(table);
  const misplaced = Object.entries(others).find(([, value]) => value !== undefined);
  if (misplaced) throw refuseParameter(misplaced[0], 'is only for CSV; add format=csv, or leave it out');
  return undefined;
}

interface NamedTable {
  tables: CsvTables;
  wanted: string;
  truncated: { rows: number; matched: number } | undefined;
}

interface WantedCsv {
  tables: CsvTables;
  wanted: string;
  schema: Schema;
  choices: CsvChoices;
}

function sendCsv(
  reply: FastifyReply,
  answer: JsonObject,
  { tables, wanted, schema, choices }: WantedCsv,
): string {
  const { text, rows, matched } = answerCsv(answer, { table: tables[wanted] ?? {}, schema, choices });
  const { asOf = (answer.freshness as JsonObject | undefined)?.asOf, next } = answer;
  const truncated = matched !== undefined && matched > rows ? { rows, matched } : undefined;
  const name = nameOf(reply.request, answer, { tables, wanted, truncated });
  reply.type(CONTENT_TYPE).headers({
    'content-disposition': `attachment; filename="${name}"`,
    ...(typeof asOf === 'string' && { 'tidemark-as-of': asOf }),
    ...(typeof next === 'string' && { 'tidemark-next': next }),
    ...(truncated && { 'tidemark-truncated': `rows=${rows}; matched=${matched}` }),
  });
  return text;
}

function schemaOfAnswer({ method, url, schema }: RouteOptions): Schema {
  const answer = (schema?.response as Record<number, Schema> | undefined)?.[200];
  if (answer?.properties === undefined)
    throw new Error(`${method} ${url} has CSV, but no schema of its answer`);
  return answer;
}

/** The schema of the route, with the parameters and the content type of CSV. */
function describeCsv({ schema }: RouteOptions, tables: CsvTables) {
  const query = schema?.querystring as (TObject & { patternProperties?: TProperties }) | undefined;
  const { patternProperties = {} } = query ?? {};
  const answer = (schema?.response as Record<number, { description?: string }> | undefined)?.[200];
  return {
    ...schema,
    querystring: Type.Object(
      { ...query?.properties, ...csvQuery(Object.keys(tables)) },
      { patternProperties },
    ),
    response: {
      ...(schema?.response as object),
      200: {
        description: answer?.description ?? 'The answer.',
        content: {
          'application/json': { schema: answer },
          'text/csv': { schema: Type.String({ description: 'One table of the answer, with a header.' }) },
        },
      },
    },
  };
}

function csvQuery(names: readonly string[]): TProperties {
  const [first, ...others] = names;
  const table = Type.Optional(
    Type.Enum([...names], {
      description: `CSV: the part of the answer whose rows are sent. Default ${first}.`,
    }),
  );
  return {
    format: Type.Optional(
      Type.Enum(['json', 'csv'] as const, {
        description:
          'csv: the same as `Accept: text/csv`. It takes precedence over that header. Default json.',
      }),
    ),
    ...(others.length > 0 && { table }),
    ...csvParameters,
  };
}

/** `business-sales-acme-20261101T000000Z-20261201T000000Z.csv`. The table is named if it is not the first. */
function nameOf(
  request: FastifyRequest,
  answer: JsonObject,
  { tables, wanted, truncated }: NamedTable,
): string {
  const path = (request.routeOptions.url ?? '').split(/\/v1\/(?:orgs\/:orgId|analytics)\//).at(-1) ?? '';
  const table = wanted === Object.keys(tables)[0] ? [] : [wanted];
  const { start, end } = answer;
  return fileName({
    subject: [...path.split('/'), ...table].join('-'),
    orgId: request.orgId === null || request.orgId === ALL_ORGS ? 'all' : request.orgId,
    range:
      typeof start === 'string' && typeof end === 'string'
        ? { start: Date.parse(start), end: Date.parse(end) }
        : undefined,
    truncated,
    extension: 'csv',
  });
}
