/** Processor time by part of the service, read from /proc. So it needs Linux, and the database on the same machine. */
import type { Client } from 'pg';
import { processorTimeOf } from './process-use.ts';

/** Microseconds of each process, by its pid. */
type ProcessorTimes = ReadonlyMap<number, { part: string; micros: number }>;

/** Sessions of the service by their application name, and processes of the server by their type. */
const partNames: Readonly<Record<string, string>> = {
  'tidemark store': 'writer',
  'tidemark write': 'folding and promotion',
  checkpointer: 'checkpointer',
  walwriter: 'WAL writer',
  'background writer': 'background writer',
  'io worker': 'I/O workers',
};
const OTHER = 'other PostgreSQL';

/** The processor times of a service and of each process of its database. Each writer is a part of its own. */
export async function processorTimes(service: { pid: number }, database: Client): Promise<ProcessorTimes> {
  const { rows } = await database.query<{ pid: number; name: string | null }>(
    `select pid, case backend_type when 'client backend' then application_name else backend_type end as name
     from pg_stat_activity where pid <> pg_backend_pid() order by backend_start`,
  );
  const times = new Map([[service.pid, { part: 'Node', micros: processorTimeOf(service.pid) }]]);
  let writers = 0;
  for (const { pid, name } of rows) {
    const known = partNames[name ?? ''] ?? OTHER;
    const part = known === 'writer' ? `writer ${++writers}` : known;
    times.set(pid, { part, micros: processorTimeOf(pid) });
  }
  return times;
}

/** Microseconds of each part between two readings, and of all together. */
export function timeByPart(before: ProcessorTimes, after: ProcessorTimes): Record<string, number> {
  const parts: Record<string, number> = {};
  let total = 0;
  for (const [pid, { part, micros }] of after) {
    const taken = micros - (before.get(pid)?.micros ?? 0);
    parts[part] = (parts[part] ?? 0) + taken;
    total += taken;
  }
  return { ...parts, 'all of it': total };
}
