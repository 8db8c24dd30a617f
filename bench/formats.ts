/**
 * Measures the calls a second that the service takes in each format, and the processor time of the service and of
 * PostgreSQL for each. Spans have 2 kB with a prompt. Events with three labels are sent to an org that has declared none of
 * them, and to one that has declared two. The last line is OTLP without the memory of traces, which shows what that costs.
 * `BENCH_FORMATS` measures only some, such as `JSON;JSON, labels`.
 */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { type Format, formats, makeBodies } from './support/formats/bodies.ts';
import { startService } from './support/service.ts';

const CALLS = Number(process.env.BENCH_CALLS ?? 40_000);
const PER_REQUEST = 1_000;
const CONNECTIONS = 4;
/** The clock of the kernel that processor time is counted by. */
const TICKS_A_SECOND = 100;

/** Processor time in seconds. A process that has ended has none. */
function processorSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}

async function sessionsOf(client: Client): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
  );
  return rows.map(({ pid }) => pid);
}

interface Conditions {
  env?: Record<string, string>;
  /** Labels that are dimensions. */
  declared?: readonly string[];
}

async function measure(format: Format, { env = {}, declared }: Conditions = {}) {
  const service = await startService(env);
  const client = new Client({ connectionString: service.databaseUrl });
  await client.connect();
  try {
    const { path, type } = formats[format];
    const token = await service.tokenFor('bench', 'ingest');
    if (declared !== undefined) {
      await fetch(`${service.address}/analytics/v1/orgs/bench/labels`, {
        ...{ method: 'PUT', body: JSON.stringify({ labels: declared }) },
        headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      }).then((answer) => answer.json());
    }
    const send = async (bodies: Buffer[]) => {
      const work = async () => {
        for (let body = bodies.pop(); body; body = bodies.pop()) {
          const headers = { authorization: `Bearer ${token}`, 'content-type': type };
          const response = await fetch(service.address + path, { method: 'POST', headers, body });
          if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
          await response.arrayBuffer();
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
    };
    await send(makeBodies(format, 10, PER_REQUEST));
    const bodies = makeBodies(format, CALLS / PER_REQUEST, PER_REQUEST);
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / CALLS;
    const pids = await sessionsOf(client);
    const cpu = () => [
      processorSeconds(service.pid),
      pids.reduce((sum, pid) => sum + processorSeconds(pid), 0),
    ];
    const [nodeBefore = 0, databaseBefore = 0] = cpu();
    const began = performance.now();
    await send(bodies);
    const seconds = (performance.now() - began) / 1_000;
    const [node = 0, database = 0] = cpu();
    const { rows } = await client.query('select count(*)::int as stored from analytics.events');
    if (rows[0]?.stored !== CALLS + 10 * PER_REQUEST) throw new Error(`stored ${rows[0]?.stored}`);
    const micros = (time: number) => Math.round((time / CALLS) * 1e6);
    return {
      'bytes a call': Math.round(bytes),
      'calls/s': Math.round(CALLS / seconds),
      'Node, µs a call': micros(node - nodeBefore),
      'PostgreSQL, µs a call': micros(database - databaseBefore),
    };
  } finally {
    await client.end();
    await service.stop();
  }
}

const chosen = process.env.BENCH_FORMATS?.split(';');
const table: Record<string, object> = {};
async function row(name: string, format: Format, conditions?: Conditions) {
  if (chosen === undefined || chosen.includes(name)) table[name] = await measure(format, conditions);
}
for (const format of Object.keys(formats) as Format[]) await row(format, format);
await row('JSON, labels, two declared', 'JSON, labels', { declared: ['team', 'feature'] });
await row('OTLP/protobuf, TRACE_MEMORY=0s', 'OTLP/protobuf', { env: { TRACE_MEMORY: '0s' } });
console.table(table);
