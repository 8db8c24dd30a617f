import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { eventCells, eventColumns } from '../../exports/events/event-columns.ts';
import { BYTE_ORDER_MARK, csvLines } from '../../exports/writing/csv.ts';
import { fileName } from '../../exports/writing/file-name.ts';
import { ndjsonLines } from '../../exports/writing/ndjson.ts';
import type { EventRow } from '../../queries/events/event-row.ts';
import { keptRange } from '../../queries/events/kept-events.ts';
import { streamEvents } from '../../queries/events/stream-events.ts';
import { DAY } from '../../time.ts';
import { type CsvChoices, csvParameters } from '../fields/csv-parameters.ts';
import { readMillis } from '../fields/query-parameters.ts';
import type { FiguresOptions } from '../figures/figures-options.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { readEventFilters } from './event-query.ts';
import { readEventRange } from './event-range.ts';
import { listFilters, withEventLabels } from './stored-schema.ts';

/** A longer file is an export job. */
const MOST_ROWS = 10_000;
const PATH = '/analytics/v1/orgs/:orgId';

/** A format of the file: its content type, the text before the first row, and the text of a row. */
interface Format {
  extension: 'csv' | 'ndjson';
  contentType: string;
  header: string;
  line(row: EventRow): string;
}

function csvFormat({ bom = false, raw = false }: CsvChoices): Format {
  const { header, line } = csvLines(eventColumns, { protectFormulas: !raw });
  return {
    extension: 'csv',
    contentType: 'text/csv; charset=utf-8; header=present',
    header: (bom ? BYTE_ORDER_MARK : '') + header,
    line: (row) => line(eventCells(row)),
  };
}

const toNdjson = ndjsonLines(eventColumns);
const ndjson: Format = {
  extension: 'ndjson',
  contentType: 'application/x-ndjson; charset=utf-8',
  header: '',
  line: (row) => toNdjson(eventCells(row)),
};

/** Raw events of one org as a file that is sent at once. */
export function registerEventFilesRoutes(server: Server, options: FiguresOptions): void {
  server.get(`${PATH}/events.csv`, csvRoute, (request, reply) => {
    const { bom, raw, ...query } = request.query;
    return send(options, { format: csvFormat({ bom, raw }), query }, reply);
  });
  server.get(`${PATH}/events.ndjson`, ndjsonRoute, (request, reply) =>
    send(options, { format: ndjson, query: request.query }, reply),
  );
}

const fileQuery = {
  ...listFilters,
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MOST_ROWS, description: `The most rows. Default ${MOST_ROWS}.` }),
  ),
};

function fileRoute<Q extends TProperties>(name: string, contentType: string, query: Q) {
  return {
    config: { ...requires('events:read', 'param'), takesTurns: true as const, isStream: true as const },
    schema: {
      tags: ['Org analytics'],
      summary: `Raw events as a file (${name}), the newest first`,
      description:
        `At most ${MOST_ROWS} rows, by default of the last day. If more events match, the header Tidemark-Truncated says so ` +
        '(rows=10000; matched=48211), and so does the name of the file.',
      params: OrgParams,
      querystring: withEventLabels(query),
      response: {
        200: {
          description: 'The rows.',
          content: { [contentType]: { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
        },
      },
    },
  };
}

const csvRoute = fileRoute('CSV', 'text/csv', { ...fileQuery, ...csvParameters });
const ndjsonRoute = fileRoute('NDJSON', 'application/x-ndjson', fileQuery);

interface WantedFile {
  format: Format;
  query: Static<TObject<typeof fileQuery>>;
}

async function send({ pool, clock }: FiguresOptions, { format, query }: WantedFile, reply: FastifyReply) {
  const { start, end, limit = MOST_ROWS } = query;
  const orgId = orgOf(reply.request);
  const now = clock.now();
  const until = end ?? new Date(now).toISOString();
  const asked = readEventRange({ start: start ?? dayBefore(until), end: until }, now);
  const range = await keptRange(pool, { orgId, range: asked, isNamed: start !== undefined });
  const filter = { orgId, range, ...readEventFilters(query) };
  const source = { database: pool, clock, inTurn: <T>(read: () => Promise<T>) => reply.inTurn(read) };
  const { matched, portions } = await streamEvents(source, filter, limit);
  const truncated = matched > limit ? { rows: limit, matched } : undefined;
  if (truncated) reply.header('tidemark-truncated', `rows=${limit}; matched=${matched}`);
  const name = fileName({ subject: 'events', orgId, range, truncated, extension: format.extension });
  return reply
    .headers({
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    })
    .type(format.contentType)
    .send(Readable.from(textOf(format, portions)));
}

/** The default start of a file: a day before its end. */
function dayBefore(end: string): string {
  return new Date(readMillis('end', end) - DAY).toISOString();
}

async function* textOf({ header, line }: Format, portions: AsyncIterable<readonly EventRow[]>) {
  if (header !== '') yield header;
  for await (const rows of portions) {
    let text = '';
    for (const row of rows) text += line(row);
    yield text;
  }
}
