/**
 * Measures the events a second over HTTP: durable, deduplicated and rolled up. The same run and database compare it with
 * COPY on one connection. It copies the same rows into a table without indexes, without deduplication and roll-up:
 *
 * - from the same JSON, like a loader that parses the input and writes COPY's text format;
 * - from text rows and from binary rows that are prepared before the clock starts, which is the limit of PostgreSQL.
 *
 * A second table has the processor time of one event by part, until all is rolled up: Node, each writer's session, the
 * sessions that fold and promote, and the server's own processes. It is read from /proc, so it is empty on other systems
 * and with a database elsewhere. Unlike events a second, it hardly depends on what else the machine does.
 */
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { eventColumnNames } from '../src/events/columns.ts';
import { readEvent } from '../src/events/read-event.ts';
import { RowWriter, stampRow } from '../src/events/row-writer.ts';
import { binaryCopy } from '../src/ingestion/copy-in.ts';
import { MINUTE } from '../src/time.ts';
import { processorTimes, timeByPart } from './support/processes/time-by-part.ts';
import { usageEvents } from './support/seed-events.ts';
import { sendAll } from './support/sender.ts';
import { startService } from './support/service.ts';
import { untilRolledUp } from './support/until-rolled-up.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 300_000);
const PER_REQUEST = 1_000;
const CONNECTIONS = 4;

function seconds(since: number): number {
  return (performance.now() - since) / 1_000;
}

function perSecond(count: number, time: number): string {
  return Math.round(count / time).toLocaleString('en');
}

/** Microseconds for one event, without the parts that took next to nothing. */
function perEvent(micros: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(micros)
      .map(([part, time]) => [part, (time / EVENTS).toFixed(1)] as const)
      .filter(([, time]) => time !== '0.0'),
  );
}

function makeBodies(count: number, seed: number) {
  const begin = Date.now();
  const next = usageEvents(seed, (random) => begin - random() * MINUTE);
  return Array.from({ length: count / PER_REQUEST }, () => Array.from({ length: PER_REQUEST }, next));
}

/** The rows in the format of the service, encoded before the clock starts. */
function encodeRows(batches: ReturnType<typeof makeBodies>): Buffer[] {
  return batches.map((events) => {
    const writer = new RowWriter();
    const ends: number[] = [];
    for (const event of events) {
      const read = readEvent(event, { now: Date.now() });
      if (Array.isArray(read)) throw new Error(JSON.stringify(read));
      for (const row of read.rows) ends.push(writer.write(row, 'bench').end);
    }
    for (const end of ends) stampRow(writer.bytes, end, 1, { receivedAt: Date.now() * 1_000, batchId: 1 });
    return writer.bytes;
  });
}

/** A row in COPY's text format, with the columns that these events fill. */
const textColumns = [
  'org_id',
  'event_id',
  'type',
  'occurred_at',
  'model_id',
  'status',
  'error_code',
  'value',
  'input_tokens',
  'output_tokens',
  'cost',
  'correlation_id',
  'series_id',
  'received_at',
  'batch_id',
];

function escapeText(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : text;
}

function textRows(json: Buffer): Buffer {
  const events = JSON.parse(json.toString()) as ReturnType<ReturnType<typeof usageEvents>>[];
  const receivedAt = new Date().toISOString();
  let rows = '';
  for (const event of events) {
    const errorCode = 'errorCode' in event ? escapeText(event.errorCode ?? '') : '\\N';
    rows += `${escapeText(event.orgId)}\t${event.eventId}\tusage\t${event.occurredAt}\t${escapeText(event.modelId)}\t${event.status}\t${errorCode}\t${Math.round(event.latencyMs * 1_000)}\t${event.inputTokens}\t${event.outputTokens}\t${Math.round(event.costEstimateCents * 10_000)}\tbench\t1\t${receivedAt}\t1\n`;
  }
  return Buffer.from(rows);
}

/** Creates rows while the COPY runs, like a loader. */
function* lazily(bodies: readonly Buffer[]): Generator<Buffer> {
  for (const body of bodies) yield textRows(body);
}

/** Duration of a COPY on one connection in seconds, with the commit. */
async function timeCopy(client: Client, statement: string, chunks: Iterable<Buffer>): Promise<number> {
  await client.query('drop table if exists copied');
  await client.query('create table copied as select * from analytics.events limit 0');
  const began = performance.now();
  const sink = client.query(copyFrom(statement));
  await pipeline(chunks, sink);
  if (sink.rowCount !== EVENTS) throw new Error(`copied ${sink.rowCount} rows of ${EVENTS}`);
  return seconds(began);
}

function copyText(client: Client, chunks: Iterable<Buffer>): Promise<number> {
  return timeCopy(client, `copy copied (${textColumns.join(', ')}) from stdin`, chunks);
}

function copyBinary(client: Client, chunks: readonly Buffer[]): Promise<number> {
  return timeCopy(
    client,
    `copy copied (${eventColumnNames.join(', ')}) from stdin (format binary)`,
    binaryCopy(chunks),
  );
}

const service = await startService();
const client = new Client({ connectionString: service.databaseUrl });
await client.connect();
try {
  const warmUp = makeBodies(30_000, 1).map((events) => Buffer.from(JSON.stringify(events)));
  await sendAll(service, warmUp, CONNECTIONS);
  const batches = makeBodies(EVENTS, 2);
  const rows = encodeRows(batches);
  const bodies = batches.map((events) => Buffer.from(JSON.stringify(events)));
  await untilRolledUp(client, { pause: 20 });
  await client.query('checkpoint');

  const jsonBefore = await copyText(client, lazily(bodies));
  const idle = await processorTimes(service, client);
  const sending = process.cpuUsage();
  const began = performance.now();
  const counts = await sendAll(service, bodies, CONNECTIONS);
  const ingest = seconds(began);
  const sent = process.cpuUsage(sending);
  const lag = await untilRolledUp(client, { pause: 20 });
  const stored = await processorTimes(service, client);
  const replayBegan = performance.now();
  const replayed = await sendAll(service, bodies, CONNECTIONS);
  const replay = seconds(replayBegan);
  const repeated = await processorTimes(service, client);
  const fromJson = (jsonBefore + (await copyText(client, lazily(bodies)))) / 2;
  const fromText = await copyText(client, bodies.map(textRows));
  const fromBinary = await copyBinary(client, rows);

  const line = (time: number, note: string) => ({
    'events/s': perSecond(EVENTS, time),
    'of COPY from JSON': (fromJson / time).toFixed(2),
    'of COPY, text': (fromText / time).toFixed(2),
    'of COPY, binary': (fromBinary / time).toFixed(2),
    note,
  });
  console.table({
    [`HTTP, ${PER_REQUEST} a request, ${CONNECTIONS} connections`]: line(
      ingest,
      `${counts.stored} stored; rolled up ${lag.toFixed(2)} s after the last acknowledgement`,
    ),
    'the same again (a replay)': line(replay, `${replayed.duplicates} duplicates`),
    'COPY from the same JSON': line(fromJson, 'before and after'),
    'COPY of ready text rows': line(fromText, ''),
    'COPY of ready binary rows': line(fromBinary, ''),
  });
  console.log('Microseconds of the processor for one event:');
  console.table({
    'events, until rolled up': perEvent(timeByPart(idle, stored)),
    'the same again (a replay)': perEvent(timeByPart(stored, repeated)),
    'the sender of the events': perEvent({ 'all of it': sent.user + sent.system }),
  });
} finally {
  await client.end();
  await service.stop();
}
